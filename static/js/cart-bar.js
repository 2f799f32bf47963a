// Shows the cart's badge cookie ("count|sum|item:count,item:count") in the header, in the cart bar at the bottom
// (templates/components/_cart_bar.html), and on the card of each item in the cart.
function showCart() {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("cart_badge="));
  const value = cookie ? decodeURIComponent(cookie.slice(11)).replace(/"/g, "") : "";
  const [count = "0", sum = "0", items = ""] = value ? value.split("|") : [];
  const pieces = Number(count);
  for (const badge of document.querySelectorAll("[data-cart-count]")) {
    badge.textContent = count;
    badge.hidden = !pieces;
  }
  const bar = document.querySelector("[data-cart-bar]");
  if (!bar) return;
  bar.hidden = !pieces;
  const digits = sum.replace(/\.00$/, "").replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  bar.querySelector("[data-cart-total]").textContent = bar.dataset.symbol + digits;
  const words = bar.querySelector("[data-cart-pieces]");
  words.textContent = "· " + (pieces === 1 ? words.dataset.wordsOne : words.dataset.wordsMany.replace("{n}", count));
  const counts = new Map(items.split(",").map((pair) => pair.split(":")));
  for (const form of document.querySelectorAll("[data-quick-add]")) {
    const item = form.querySelector("[name=item]").value;
    showCount(form.querySelector("button"), Number(counts.get(item)) || 0, bar.dataset.inCart);
  }
}

function showCount(button, count, words) {
  button.dataset.name ??= button.getAttribute("aria-label");
  button.classList.toggle("has-count", count > 0);
  const { name } = button.dataset;
  button.setAttribute("aria-label", count ? words.replace("{n}", count).replace("{name}", () => name) : name);
  const shown = button.querySelector("span") ?? button.appendChild(document.createElement("span"));
  shown.textContent = count || "";
}

showCart();
addEventListener("pageshow", showCart);
for (const name of ["cart-changed", "cart-settled"]) addEventListener(name, showCart);
// Another tab, or a page that was left, may have changed the cart: redraw on a cookie change, or when this tab is shown.
window.cookieStore?.addEventListener("change", showCart);
document.addEventListener("visibilitychange", showCart);
addEventListener("touchstart", () => {}, { passive: true }); // without a listener Safari ignores :active
