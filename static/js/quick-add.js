// Confirms an addition by the + of a menu card (data-quick-add, templates/components/_item_card.html), which cart-writer.js
// sends without leaving the menu.
addEventListener("cart-changed", ({ detail: form }) => {
  if (form?.matches("[data-quick-add]")) showAdded(form, form.querySelector("button"));
  const picture = form?.closest(".item-card")?.querySelector(".item-card__tile > *");
  if (picture) fly(picture);
});

function showAdded(form, button) {
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1200);
  document.querySelector("[data-said-here]").textContent = form.dataset.said;
}

// After "Add" on an item page, the address's fragment names the item's card on the menu.
const [, slug] = /^#([-\w]+)\.added$/.exec(location.hash) ?? [];
const card = slug && document.getElementById(slug);
if (card) {
  history.replaceState(history.state, "", `#${slug}`); // a reload or a shared link does not confirm it again
  card.querySelector(".item-card__added").classList.add("is-shown");
  const form = card.querySelector("[data-quick-add]");
  if (form) document.querySelector("[data-said-here]").textContent = form.dataset.said;
}

// Animates the item's picture to the cart bar, and then the bar's sum; not with prefers-reduced-motion.
async function fly(picture) {
  if (!window.matchMedia?.("(prefers-reduced-motion: no-preference)").matches) return;
  const bar = document.querySelector("[data-cart-bar]");
  if (!picture.animate || !bar || bar.hidden) return;
  const flier = picture.cloneNode(true);
  flier.classList.add("flier");
  document.body.append(flier);
  const { width, height } = flier.getBoundingClientRect();
  const over = ({ x, y, width: w, height: h }) => `translate(${x + (w - width) / 2}px, ${y + (h - height) / 2}px)`;
  const [from, to] = [over(picture.getBoundingClientRect()), over(bar.getBoundingClientRect())];
  const way = [{ transform: from }, { transform: `${to} scale(0.15)`, opacity: 0.4 }];
  await flier.animate(way, { duration: 380, easing: "cubic-bezier(0.5, 0, 0.7, 0.4)" }).finished.catch(() => {});
  flier.remove();
  const jump = [{ transform: "none" }, { transform: "translateY(-5px)" }, { transform: "none" }];
  bar.querySelector(".cart-bar__sum").animate(jump, { duration: 220, easing: "ease-out" });
}
