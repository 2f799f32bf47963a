// The + of a card adds the item without leaving the menu; when that is refused, the form goes its usual way and says why.
for (const form of document.querySelectorAll("[data-quick-add]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.classList.add("is-busy");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-Requested-With": "fetch" },
        redirect: "manual",
      });
      if (answer.status !== 204) return form.submit();
    } catch {
      return form.submit();
    } finally {
      button.classList.remove("is-busy");
    }
    showAdded(form, button);
  });
}

// It is in the cart: whatever fails from here on does not add it again.
function showAdded(form, button) {
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1200);
  document.querySelector("[data-said-here]").textContent = form.dataset.said;
  dispatchEvent(new CustomEvent("cart-changed", { detail: form }));
}
