// The connection of the barista board (templates/components/_bar_connection.html): probes the server, and while it does not
// answer, shows a note instead of following a link or sending a form, which would lead to the browser's own error page.
// js/bar-actions.js handles the forms that move an order.
const PROBE = "/health/live/";
const FRESH_MS = 2000; // after an answer this recent no probe is sent
const SILENCE_MS = 4000; // after this long without an answer to a poll, a probe is sent
const PROBE_TIMEOUT_MS = 3000;
const LOOK_EVERY_MS = 2000; // interval of the probes while the connection is lost
const SAID_MS = 6000;
const NOTES = "bar-notes"; // sessionStorage key of the notes that stay until closed, also over a reload

const region = document.querySelector("[data-bar-notes]");
const passed = new WeakSet();
let answeredAt_ms = performance.now();
let isLost = false;
let probing = null;
let hasSaidEnding = false;
let lastPressed = null;
let lasting = read(NOTES);

window.barLine = { isUp, answered, lost, say, read, write, timeout, buttonOf, words: region.dataset };

document.addEventListener("htmx:beforeOnLoad", ({ detail }) => (detail.xhr.status < 500 ? answered() : lost()));
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, lost);
document.addEventListener("htmx:afterSettle", draw);
addEventListener("offline", lost);
for (const name of ["online", "pageshow"]) addEventListener(name, () => isLost && probe());
document.addEventListener("click", (event) => (lastPressed = event.target.closest?.("button")), true);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link && leavesThePage(event, link)) passOrRefuse(event, () => location.assign(link.href));
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (passed.has(form)) return passed.delete(form);
  if (!event.defaultPrevented) passOrRefuse(event, () => sendAgain(form, buttonOf(event)));
});
setInterval(() => {
  const isSilent = document.getElementById("bar") && performance.now() - answeredAt_ms > SILENCE_MS;
  if (!document.hidden && (isLost || isSilent)) probe();
}, LOOK_EVERY_MS);
lasting.forEach(show);
draw();

function isFresh() {
  return navigator.onLine && !isLost && performance.now() - answeredAt_ms < FRESH_MS;
}

async function isUp() {
  if (isFresh()) return true;
  if (!navigator.onLine) return lost();
  return probe();
}

// Sends one probe at a time. Returns whether the server answered.
function probe() {
  probing ??= fetch(PROBE, { cache: "no-store", signal: timeout(PROBE_TIMEOUT_MS) })
    .then((answer) => (answer.status < 500 ? answered() : lost()), lost)
    .finally(() => (probing = null));
  return probing;
}

function answered() {
  answeredAt_ms = performance.now();
  if (!isLost) return true;
  isLost = false;
  draw();
  window.htmx?.trigger("#bar", "htmx:abort"); // a poll sent on the dead connection would block the next one
  document.dispatchEvent(new Event("bar-line:up"));
  return true;
}

function lost() {
  isLost = true;
  draw();
  return false;
}

function draw() {
  sayEnding();
  document.documentElement.classList.toggle("is-cut-off", isLost);
  for (const notice of document.querySelectorAll("[data-connection]")) notice.hidden = !isLost;
}

// The warning that the session ends soon (templates/components/_session_ending.html) stays visible; a screen reader
// announces it once.
function sayEnding() {
  const [words, ear] = ["[data-session-ending] p", "[data-said-here]"].map((found) => document.querySelector(found));
  if (words && ear && !hasSaidEnding) ear.textContent = words.textContent;
  hasSaidEnding = Boolean(words);
}

async function passOrRefuse(event, pass) {
  if (isFresh()) return;
  event.preventDefault();
  if (await isUp()) pass();
  else say(region.dataset.closed);
}

function leavesThePage(event, link) {
  const isOther = event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey;
  const isSamePage = link.hash && link.href.split("#")[0] === location.href.split("#")[0];
  return !isOther && !isSamePage && link.protocol.startsWith("http") && !link.target;
}

// Returns the button that submitted the form. Safari before 15.4 has no event.submitter: there it is the last pressed one.
function buttonOf(event) {
  return event.submitter ?? (lastPressed?.form === event.target ? lastPressed : null);
}

function sendAgain(form, button) {
  passed.add(form);
  if (form.requestSubmit) return form.requestSubmit(button);
  if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
  HTMLFormElement.prototype.submit.call(form); // a browser without requestSubmit
}

// Shows a note for SAID_MS; with `stays`, until it is closed.
function say(text, { stays = false } = {}) {
  if (stays && !lasting.includes(text)) write(NOTES, (lasting = [...lasting, text]));
  const note = show(text);
  if (stays) return;
  note.querySelector("button").remove();
  setTimeout(() => note.remove(), SAID_MS);
}

function show(text) {
  for (const same of [...region.children].filter((note) => note.firstElementChild.textContent === text)) same.remove();
  const note = document.querySelector("template[data-bar-note]").content.firstElementChild.cloneNode(true);
  note.firstElementChild.textContent = text;
  note.querySelector("button").addEventListener("click", () => {
    write(NOTES, (lasting = lasting.filter((one) => one !== text)));
    note.remove();
  });
  region.append(note);
  return note;
}

function timeout(ms) {
  if (!window.AbortController) return undefined; // the browser's own timeout applies, which is later
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? [];
  } catch {
    return []; // sessionStorage is forbidden
  }
}

function write(name, list) {
  try {
    sessionStorage.setItem(name, JSON.stringify(list));
  } catch {} // sessionStorage is forbidden: the list lasts for this page only
}
