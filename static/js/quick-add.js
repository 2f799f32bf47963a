// The + of a card adds the item without leaving the menu (cart-writer.js sends it); here it says so.
addEventListener("cart-changed", ({ detail: form }) => {
  if (form?.matches("[data-quick-add]")) showAdded(form, form.querySelector("button"));
});

function showAdded(form, button) {
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1200);
  document.querySelector("[data-said-here]").textContent = form.dataset.said;
}

// After "Add" on an item's page, the address names the card that one comes back to.
const [, slug] = /^#([-\w]+)\.added$/.exec(location.hash) ?? [];
const card = slug && document.getElementById(slug);
if (card) {
  history.replaceState(history.state, "", `#${slug}`); // a reload, or the link shared, does not say it again
  card.querySelector(".item-card__added").classList.add("is-shown");
  const form = card.querySelector("[data-quick-add]");
  if (form) document.querySelector("[data-said-here]").textContent = form.dataset.said;
}
