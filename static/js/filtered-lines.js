// Marks the lines of the cart and of the checkout that do not satisfy the menu's filter by allergens and diets, which
// js/menu-filter.js keeps in sessionStorage.
function wishes() {
  try {
    return [].concat(JSON.parse(sessionStorage.getItem("wishes")) ?? []);
  } catch {
    return []; // storage is forbidden, or holds no valid JSON
  }
}

function mark() {
  for (const line of document.querySelectorAll("[data-suits]")) {
    const suited = line.dataset.suits.split(" ");
    if (wishes().every((wish) => suited.includes(wish))) continue;
    line.classList.add("is-against");
    line.append(` · ${line.dataset.against}`);
  }
}

addEventListener("lines-drawn", mark); // js/cart-lines.js and js/place-order.js have replaced the lines
mark();
