// The offline page (templates/offline/offline.html), shown at the address of a page that could not be loaded: links to a
// cached menu in this or another language, or else to the same address; tells that the cart is kept; and reloads the page when
// the server answers.
const ASK_EVERY_MS = 5000;
const COME_BY_MS = 40000; // time for the reload: a probe before would restart it
let isComing = false;
const standIn = document.querySelector("[data-offline-page]");

document.querySelector("[data-cart-is-kept]").hidden = !/(^|; )cart_badge=/.test(document.cookie);
showKeptMenu();
for (const link of document.querySelectorAll(".site-header__language")) {
  link.pathname = link.pathname.replace("offline/", location.pathname.split("/").slice(2).join("/"));
}
if (location.pathname !== standIn.dataset.offlinePage) {
  addEventListener("online", ask); // a network is up, but the server may not be reachable yet
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
  if (isComing || !(answer?.status < 500)) return; // the edge's own error page would tell less than this page
  isComing = true;
  navigator.serviceWorker?.controller?.postMessage("answers"); // the worker then waits longer for the page, on a slow connection
  setTimeout(() => (isComing = false), COME_BY_MS);
  location.reload();
}
