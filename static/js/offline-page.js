// Stands in for a page that could not be had: says that the cart is kept, and loads the page as soon as that goes.
const ASK_EVERY_MS = 5000;
const standIn = document.querySelector("[data-offline-page]");

document.querySelector("[data-cart-is-kept]").hidden = !/(^|; )cart_badge=/.test(document.cookie);
if (location.pathname !== standIn.dataset.offlinePage) {
  addEventListener("online", () => location.reload());
  setInterval(ask, ASK_EVERY_MS);
}

async function ask() {
  if (document.hidden || !navigator.onLine) return;
  const signal = AbortSignal.timeout?.(ASK_EVERY_MS);
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", signal }).catch(() => null);
  if (answer) location.reload();
}
