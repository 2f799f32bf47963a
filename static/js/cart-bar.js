// Shows what the cart's badge cookie says ("count|sum|item:count,…") in the header and in the bar at the thumb.
function showCart() {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("cart_badge="));
  const [count, sum] = cookie ? decodeURIComponent(cookie.slice(11)).replaceAll('"', "").split("|") : ["0", "0"];
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
}

showCart();
addEventListener("pageshow", showCart);
for (const name of ["cart-changed", "cart-settled"]) addEventListener(name, showCart);
window.cookieStore?.addEventListener("change", showCart); // what another tab, or a page that was left, has added
addEventListener("touchstart", () => {}, { passive: true }); // without it Safari shows no touch (:active)
