// A page that looks again by itself, after data-look-again seconds; not while it is hidden, nor while somebody has
// opened a table in it or stands in it with the keyboard.
const words = document.querySelector("[data-look-again]");
const isBeingRead = () => document.hidden || document.querySelector("main details[open], main :focus-visible");
setInterval(() => {
  if (!isBeingRead()) location.reload();
}, Number(words.dataset.lookAgain) * 1000);
