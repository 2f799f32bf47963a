// Stands in for a page that could not be had: leads to a menu that is kept, in this language or another, or else here again;
// says that the cart is kept; and loads the page as soon as that goes.
const ASK_EVERY_MS = 5000;
const COME_BY_MS = 40000; // the page that is loaded; asked again before, it would begin again
let isComing = false;
const standIn = document.querySelector("[data-offline-page]");

document.querySelector("[data-cart-is-kept]").hidden = !/(^|; )cart_badge=/.test(document.cookie);
showKeptMenu();
for (const link of document.querySelectorAll(".site-header__language")) {
  link.pathname = link.pathname.replace("offline/", location.pathname.split("/").slice(2).join("/"));
}
if (location.pathname !== standIn.dataset.offlinePage) {
  addEventListener("online", ask); // a network is there, which may not lead to the café yet
  setInterval(ask, ASK_EVERY_MS);
}

async function showKeptMenu() {
  for (const link of standIn.querySelectorAll("[data-menu]")) {
    if (!(await window.caches?.match(link.pathname))) continue;
    standIn.querySelector("[data-menu-is-kept]").hidden = link.hidden = false;
    return;
  }
  standIn.querySelector("[data-try-again]").hidden = false;
}

async function ask() {
  if (isComing || document.hidden || !navigator.onLine) return;
  const signal = window.AbortSignal?.timeout?.(ASK_EVERY_MS);
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", signal }).catch(() => null);
  if (isComing || !(answer?.status < 500)) return; // the edge's own answer knows less than what is shown here
  isComing = true;
  navigator.serviceWorker?.controller?.postMessage("answers"); // so it waits for the page, on a slow line too
  setTimeout(() => (isComing = false), COME_BY_MS);
  location.reload();
}
