// The bar: tickets age in sight, and an undo stays for five seconds.
const PATIENCE_S = 600;
const UNDO_MS = 5000;

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
  }, UNDO_MS);
}

setInterval(drawAges, 1000);
document.addEventListener("htmx:afterSettle", drawAges);
document.addEventListener("htmx:oobAfterSwap", watchToast);
drawAges();
watchToast();
