// Pages that poll with htmx: updates the title, shows a lost connection, and announces changes to screen readers. The live
// region (data-said-here) is outside of the swapped HTML: screen readers do not announce a region that is replaced.
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
  // After a new login the page holds an old CSRF token: a reload brings the current one.
  if (event.detail.xhr.status === 403) location.reload();
  else connection(true);
});
document.addEventListener("htmx:timeout", () => connection(true));
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400) connection(false);
});
