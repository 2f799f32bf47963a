// Stands in for a page that could not be had: says that the cart is kept, and loads the page as soon as that goes.
const ASK_EVERY_MS = 5000;
const COME_BY_MS = 40000; // the page that is loaded; asked again before, it would begin again
let isComing = false;
const standIn = document.querySelector("[data-offline-page]");

document.querySelector("[data-cart-is-kept]").hidden = !/(^|; )cart_badge=/.test(document.cookie);
if (location.pathname !== standIn.dataset.offlinePage) {
  addEventListener("online", ask); // a network is there, which may not lead to the café yet
  setInterval(ask, ASK_EVERY_MS);
}

async function ask() {
  if (isComing || document.hidden || !navigator.onLine) return;
  const signal = AbortSignal.timeout?.(ASK_EVERY_MS);
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", signal }).catch(() => null);
  if (!answer || isComing) return;
  isComing = true;
  setTimeout(() => (isComing = false), COME_BY_MS);
  location.reload();
}
