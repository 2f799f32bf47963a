// Sends the service worker (templates/offline/worker.js) the number and the state of each order on this page
// (data-keep-order), and when the server last confirmed them. The worker stores them on this device and shows them offline.
// Without a worker (OFFLINE_MENU=off, or no HTTPS) nothing is stored.
const TELL_EVERY_MS = 30000; // while polls confirm an unchanged state
const DAY_MS = 24 * 3600 * 1000;
const OPEN = ["pending", "preparing", "ready"];
const language = `/${document.documentElement.lang}/`;
const worker = navigator.serviceWorker;
let confirmedAt_ms = Date.now();
let toldAt_ms = 0;

for (const name of ["pagehide", "offline"]) addEventListener(name, tell);
document.addEventListener("visibilitychange", () => document.hidden && tell());
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status >= 400) return;
  confirmedAt_ms = Date.now();
  if (confirmedAt_ms - toldAt_ms > TELL_EVERY_MS) tell();
});
document.addEventListener("htmx:afterSwap", tell);
worker?.addEventListener("controllerchange", tell); // the worker was installed after this page had loaded
tell();

function tell() {
  const orders = [...document.querySelectorAll("[data-keep-order]")].map(read).filter(isWorthKeeping);
  if (!orders.length || !worker?.controller) return;
  toldAt_ms = Date.now();
  worker.controller.postMessage({ orders: orders.reverse().map(({ placed_ms, ...order }) => order) }); // newest last
}

function read({ dataset }) {
  const { keepOrder, number, status } = dataset;
  const path = keepOrder.replace(language, "/");
  return { path, number, status, isMine: "isMine" in dataset, at: confirmedAt_ms, placed_ms: dataset.placed * 1000 };
}

// An order that is over is sent only within a day of its placing: nobody waits for an older one.
function isWorthKeeping({ status, placed_ms }) {
  return OPEN.includes(status) || confirmedAt_ms - placed_ms < DAY_MS;
}
