// Pages that poll: the title follows the state, and a lost connection says so.
const connection = (isLost) => {
  for (const line of document.querySelectorAll("[data-connection]")) line.hidden = !isLost;
};
document.addEventListener("htmx:afterSwap", () => {
  const titled = document.querySelector("[data-title]");
  if (titled) document.title = titled.dataset.title;
});
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
