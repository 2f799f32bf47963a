// Reloads the page every data-look-again seconds (templates/admin/cache/caches.html), but not while it is hidden, has an
// open <details>, or holds the keyboard focus.
const words = document.querySelector("[data-look-again]");
setInterval(() => {
  if (!isBeingRead()) location.reload();
}, Number(words.dataset.lookAgain) * 1000);

function isBeingRead() {
  return document.hidden || document.querySelector("main details[open]") || focused();
}

function focused() {
  try {
    return document.querySelector("main :focus-visible");
  } catch {
    return document.querySelector("main :focus"); // Safari before 15.4 and Firefox before 85 lack :focus-visible
  }
}
