// Marks a pressed reorder button (data-submit-once) as busy and ignores a second press. (order_again in
// orders/storefront/order.py would treat both as one reorder anyway.)
for (const button of document.querySelectorAll("[data-submit-once]")) {
  const words = button.textContent;
  button.form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true") return event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
  });
  addEventListener("pageshow", () => {
    button.removeAttribute("aria-disabled");
    button.textContent = words;
  });
}
