// Registers the service worker (templates/offline/worker.js) after the page's load event. While the page is a cached copy, or
// there is no connection, ordering is off: the buttons are marked, and a press shows the reason
// (templates/components/_no_ordering.html).
const noOrdering = document.querySelector("[data-no-ordering]");
const ORDERING = "form[method=post] button";
const TOLD_MS = 5000;
let toldUntil = 0;

if (navigator.serviceWorker && !navigator.serviceWorker.controller) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {})); // the page works without it
}
for (const name of ["offline", "online", "pageshow"]) addEventListener(name, showOrdering);
showOrdering();

function whyNot() {
  if (!navigator.onLine) return "offline";
  return document.documentElement.dataset.keptAt ? "away" : null;
}

function showOrdering() {
  document.documentElement.classList.toggle("is-cut-off", Boolean(whyNot()));
  for (const button of document.querySelectorAll(ORDERING)) {
    if (whyNot()) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
  if (!whyNot()) noOrdering.textContent = "";
}

document.addEventListener(
  "submit",
  (event) => {
    if (!whyNot() || !event.target.matches("form[method=post]")) return;
    event.preventDefault();
    event.stopPropagation();
    noOrdering.textContent = noOrdering.dataset[whyNot()];
    clearTimeout(toldUntil);
    toldUntil = setTimeout(() => (noOrdering.textContent = ""), TOLD_MS);
  },
  true,
);
