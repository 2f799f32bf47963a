// Touches (form posts of one press) on the barista board's orders (templates/components/_bar_connection.html): sent one after the
// other, none dropped silently. Without a connection a step forward (start, ready, picked up of a paid order) is queued for two
// minutes. When the connection is back it is sent, and the server accepts it only from the same person and for an order in
// the same state (orders/bar/delayed_actions.py). Any other touch is refused with a note. Without this script the browser
// submits the forms.
//
// Read from a form: its action /admin/bar/<order>/<what>/, its field "seen", its data-number and data-payment.
const ADDRESS = /^\/admin\/bar\/[^/]+\/([^/]+)\/$/;
const KEEP_MS = 120000; // KEEP_S in orders/bar/delayed_actions.py
const ANSWER_TIMEOUT_MS = 8000;
const TRY_EVERY_MS = 2000;
const NO_ANSWER = [502, 503, 504];
const KEPT = "bar-touches";

const line = window.barLine;
const { by } = line.words;
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
let kept = line.read(KEPT);
let sending = [];
let chain = Promise.resolve();
let isDraining = false;

document.addEventListener("submit", onSubmit, true);
document.addEventListener("htmx:afterSettle", draw);
document.addEventListener("bar-line:up", drain);
setInterval(() => kept.length && (dropLate(), line.isUp().then((isUp) => isUp && drain())), TRY_EVERY_MS);
draw();
drain();

function onSubmit(event) {
  const form = event.target;
  const [, what] = ADDRESS.exec(new URL(form.getAttribute("action") ?? "", location.href).pathname) ?? [];
  if (!what || form.getAttribute("method") !== "post") return;
  event.preventDefault();
  event.stopPropagation();
  const touch = touchOf(form, what, line.buttonOf(event));
  if ([...sending, ...kept].some((other) => isSame(other, touch))) return; // a double tap: the same touch is already queued
  sending.push(touch);
  draw();
  next(() => deliver(touch)).then(() => {
    sending = sending.filter((other) => other !== touch);
    draw();
  });
}

// Queues work: it starts when the previous work has finished or failed.
function next(work) {
  return (chain = chain.then(work).catch((error) => console.error(error)));
}

function touchOf(form, what, button) {
  const fields = [...new FormData(form), ["by", by]];
  if (button?.name) fields.push([button.name, button.value]);
  const seen = form.elements.seen?.value;
  const isStep = what === "advance" && (seen !== "ready" || form.dataset.payment === "paid");
  const label = (button ?? form.querySelector("button")).textContent.trim();
  const words = [form.dataset.number, label].filter(Boolean).join(" · ");
  return { address: form.getAttribute("action"), label, words, fields, seen, isStep, by, at: Date.now() };
}

function isSame(one, other) {
  return one.address === other.address && one.seen === other.seen;
}

async function deliver(touch) {
  const isUp = await line.isUp();
  if (isUp && (await send(touch))) return;
  if (touch.isStep) return keep(touch);
  line.say(say(isUp ? "unsure" : "refused", touch), { stays: isUp });
}

// Returns whether the server answered. On the barista board the answer is the board's new HTML, elsewhere a page to open.
async function send(touch) {
  const board = document.getElementById("bar");
  const answer = await post(touch.address, touch.fields, board && window.htmx ? { "HX-Request": "true" } : {});
  if (!answer) return false;
  const { response, text } = answer;
  const login = response.headers.get("HX-Redirect");
  if (login || response.redirected) location.assign(login ?? response.url);
  else if (response.ok && board) showBoard(text);
  else if (response.status === 409) showPage(text);
  else line.say(say("dropped", touch), { stays: true });
  return true;
}

async function post(address, fields, headers = {}) {
  try {
    const body = new URLSearchParams(fields);
    const response = await fetch(address, { method: "POST", body, headers, signal: line.timeout(ANSWER_TIMEOUT_MS) });
    if (NO_ANSWER.includes(response.status)) throw new Error(response.status);
    const text = await response.text();
    line.answered();
    return { response, text };
  } catch {
    line.lost();
    return null;
  }
}

function showBoard(html) {
  window.htmx.trigger("#bar", "htmx:abort"); // an older poll's answer would overwrite the newer board
  window.htmx.swap("#bar", html, { swapStyle: "outerHTML" });
}

function showPage(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.getElementById("main").replaceWith(page.getElementById("main"));
  scrollTo(0, 0);
  document.querySelector("#main [autofocus]")?.focus(); // a field of the refused form
}

function keep(touch) {
  kept.push(touch);
  line.write(KEPT, kept);
  document.querySelector("[data-bar-heard]").textContent = say("kept", touch); // for screen readers; draw() shows it
}

function forget(touch) {
  kept = kept.filter((other) => other !== touch);
  line.write(KEPT, kept);
  draw();
}

function drop(touch, why, reason = "") {
  forget(touch);
  line.say(`${say(why, touch)} ${reason}`.trim(), { stays: true });
}

function dropLate() {
  for (const touch of kept.filter((one) => !(age_ms(one) >= 0 && age_ms(one) <= KEEP_MS))) drop(touch, "late");
  for (const touch of kept.filter((one) => one.by !== by)) drop(touch, "other");
}

function age_ms(touch) {
  return Date.now() - touch.at;
}

// Sends the queued touches, the oldest first, until the server does not answer.
function drain() {
  if (isDraining) return;
  isDraining = true;
  next(sendKept).then(() => (isDraining = false));
}

async function sendKept() {
  for (dropLate(); kept.length && (await line.isUp()); dropLate()) {
    const [touch] = kept;
    const fields = touch.fields.filter(([name]) => name !== "csrfmiddlewaretoken");
    const now = { csrfmiddlewaretoken: token(), kept_for_s: Math.ceil(age_ms(touch) / 1000) };
    const answer = await post(touch.address, [...fields, ...Object.entries(now)]);
    if (!answer) return;
    if (kept.includes(touch)) settle(touch, answer); // else the barista has withdrawn it meanwhile
  }
}

function settle(touch, { response, text }) {
  const isAtTheBar = new URL(response.url).pathname.startsWith("/admin/bar/");
  if (response.redirected && isAtTheBar) return forget(touch); // accepted: the next poll draws it
  if (response.redirected) return forget(touch), location.assign(response.url); // to the login page, which keeps the form
  const page = new DOMParser().parseFromString(text, "text/html");
  drop(touch, "dropped", page.querySelector(".notice--problem")?.textContent.trim());
}

function say(why, { words }) {
  return line.words[why].replace("{what}", words);
}

// Replaces each form that has a queued touch by a text with a button to withdraw it, and marks forms being sent as busy.
function draw() {
  for (const mark of document.querySelectorAll(".touch-waiting")) mark.remove();
  for (const form of document.querySelectorAll("form[action*='/admin/bar/']")) {
    const address = form.getAttribute("action");
    const isOf = (touch) => touch.address === address && touch.seen === form.elements.seen?.value;
    const waiting = kept.find(isOf);
    const hadFocus = form.contains(document.activeElement);
    form.hidden = Boolean(waiting);
    form.classList.toggle("is-sending", sending.some(isOf));
    if (waiting) form.after(markOf(waiting));
    if (waiting && hadFocus) form.nextElementSibling.querySelector("button").focus();
  }
}

function markOf(touch) {
  const mark = document.querySelector("template[data-bar-waiting]").content.firstElementChild.cloneNode(true);
  mark.firstElementChild.textContent = say("kept", { words: touch.label });
  mark.querySelector("button").addEventListener("click", () => forget(touch));
  return mark;
}
