// Pages that poll: the title follows the state, a lost connection says so, and what has changed is said aloud. What is
// said stands outside of what is swapped: a screen reader does not hear a live region that comes and goes.
const said = document.querySelector("[data-said-here]");
const toSay = () => document.querySelector("[data-say]")?.dataset.say ?? "";
let lastSaid = toSay();
const sayWhatChanged = () => {
  const words = toSay();
  if (said && words && words !== lastSaid) said.textContent = words;
  lastSaid = words;
};
const connection = (isLost) => {
  for (const line of document.querySelectorAll("[data-connection]")) line.hidden = !isLost;
};
document.addEventListener("htmx:afterSwap", () => {
  const titled = document.querySelector("[data-title]");
  if (titled) document.title = titled.dataset.title;
  sayWhatChanged();
});
document.addEventListener("htmx:oobAfterSwap", sayWhatChanged);
document.addEventListener("htmx:sendError", () => connection(true));
document.addEventListener("htmx:responseError", (event) => {
  // A form drawn before somebody logged in again carries an old token: the page drawn anew has the right one.
  if (event.detail.xhr.status === 403) location.reload();
  else connection(true);
});
document.addEventListener("htmx:timeout", () => connection(true));
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400) connection(false);
});
