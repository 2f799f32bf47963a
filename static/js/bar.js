// The bar: tickets age in sight, an undo stays for ten seconds, and no touch is lost or counted twice.
const PATIENCE_S = 600;
const UNDO_MS = 10000;
const DOUBLE_TAP_MS = 350;

function drawAges() {
  const bar = document.getElementById("bar");
  if (!bar) return;
  // The server's clock, as it was when the bar was drawn; the tablet's own may be wrong.
  if (!bar.drawnAt) bar.drawnAt = performance.now();
  const now = Number(bar.dataset.now) + (performance.now() - bar.drawnAt) / 1000;
  for (const age of bar.querySelectorAll("[data-age]")) {
    const left = Math.max(0, 1 - (now - Number(age.dataset.age)) / PATIENCE_S);
    age.lastElementChild.setAttribute("width", String(Math.round(left * 100)));
    age.classList.toggle("ticket__age--late", left < 0.34);
  }
}

let undoEnds = 0;
function watchToast() {
  const toast = document.getElementById("toast");
  if (!toast || !toast.hasAttribute("data-toast")) return;
  clearTimeout(undoEnds);
  undoEnds = setTimeout(() => {
    toast.hidden = true;
    toast.replaceChildren();
    toast.removeAttribute("data-say");
  }, UNDO_MS);
}

setInterval(drawAges, 1000);
document.addEventListener("htmx:afterSettle", drawAges);
document.addEventListener("htmx:oobAfterSwap", watchToast);
drawAges();
watchToast();

// While a finger is down, a poll does not move the ticket from under it; the next poll draws it.
let isTouching = false;
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (isTouching = false));
addEventListener("pointerdown", () => (isTouching = true));
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isTouching && event.detail.requestConfig.verb === "get") event.detail.shouldSwap = false;
});

// The second half of a double tap lands on whatever ticket has slid under the finger: it is not meant.
let lastTap = { at: -DOUBLE_TAP_MS, x: 0, y: 0, ticket: null };
document.addEventListener(
  "click",
  (event) => {
    const ticket = event.target.closest(".ticket");
    if (!ticket) return;
    const tap = { at: performance.now(), x: event.clientX, y: event.clientY, ticket: ticket.id };
    const isSamePlace = Math.hypot(tap.x - lastTap.x, tap.y - lastTap.y) < 24;
    if (isSamePlace && tap.at - lastTap.at < DOUBLE_TAP_MS && tap.ticket !== lastTap.ticket) {
      event.preventDefault();
      event.stopPropagation();
    }
    lastTap = tap;
  },
  true,
);

// A redraw keeps open what somebody has opened, such as the reasons of "Gone without paying".
const openIds = new Set();
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.closest("#bar")) return;
    if (target.open && !openIds.has(target.id)) target.scrollIntoView({ block: "nearest" });
    openIds[target.open ? "add" : "delete"](target.id);
  },
  true,
);
document.addEventListener("htmx:afterSwap", () => {
  for (const id of openIds) {
    const details = document.getElementById(id);
    if (details) details.open = true;
    else openIds.delete(id);
  }
});
