// A page that looks again by itself, after data-look-again seconds; not while it is hidden, nor while somebody has
// opened a table in it or stands in it with the keyboard.
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
    return document.querySelector("main :focus"); // Safari before 15.4, Firefox before 85
  }
}
