// The barista board (#bar, templates/admin/bar/_board.html): draws the age of each ticket, hides an undo after ten seconds,
// and ignores the second press of a double tap.
const PATIENCE_S = 600;
const UNDO_MS = 10000;
const DOUBLE_TAP_MS = 350;

function drawAges() {
  const bar = document.getElementById("bar");
  if (!bar) return;
  // Ages use the server's clock at the time of drawing, since the tablet's clock may be wrong.
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

// While a finger is down, a poll does not redraw the board, which could move the ticket away; the next poll redraws it.
let isTouching = false;
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (isTouching = false));
addEventListener("pointerdown", () => (isTouching = true));
document.addEventListener("htmx:beforeSwap", (event) => {
  if (isTouching && event.detail.requestConfig.verb === "get") event.detail.shouldSwap = false;
});

// Ignore the second half of a double tap if another ticket has moved under the finger.
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

// A redraw keeps opened <details> open, such as the reasons of "Gone without paying".
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
