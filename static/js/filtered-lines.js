// Marks the lines of the cart and of the checkout that go against the menu's filter by allergens and diets, which
// js/menu-filter.js keeps for the visit.
function wishes() {
  try {
    return [].concat(JSON.parse(sessionStorage.getItem("wishes")) ?? []);
  } catch {
    return []; // storage is forbidden, or holds what is not ours
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

addEventListener("lines-drawn", mark); // from js/cart-lines.js and js/place-order.js: these lines are new
mark();
