// Lets the phone keep the menu (templates/offline/worker.js), once the page is there and at rest. While the page is a
// kept one, or there is no connection, nothing can be ordered: the buttons say so, and who presses one is told why.
const noOrdering = document.querySelector("[data-no-ordering]");
const ORDERING = "form[method=post] button";
const TOLD_MS = 5000;
let toldUntil = 0;

if (navigator.serviceWorker && !navigator.serviceWorker.controller) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {})); // without it: as before
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
