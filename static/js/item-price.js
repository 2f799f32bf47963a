// Updates the price on the item form's button for the chosen options, and disables the remaining boxes of a full option
// group (templates/menu/item.html).
const form = document.querySelector("[data-item-form]");
if (form) {
  const cents = (amount) => Math.round(Number(amount) * 100);
  const shown = form.querySelector("[data-item-price]");
  const update = () => {
    const chosen = [...form.querySelectorAll("[data-delta]:checked")];
    const one = chosen.reduce((sum, input) => sum + cents(input.dataset.delta), cents(form.dataset.price));
    const quantity = Math.max(1, Number(form.elements.quantity.value) || 1);
    const total = ((Math.max(0, one) * quantity) / 100).toFixed(2).replace(/\.00$/, "").replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    shown.textContent = ` · ${form.dataset.symbol}${total}`;
    for (const group of form.querySelectorAll("[data-most]")) {
      const boxes = [...group.querySelectorAll("input[type=checkbox]")];
      const isFull = boxes.filter((box) => box.checked).length >= Number(group.dataset.most);
      for (const box of boxes) {
        if (!box.checked && !box.closest(".chip--gone")) box.disabled = isFull;
      }
    }
  };
  form.addEventListener("input", update);
  addEventListener("pageshow", update);
  update();
}
