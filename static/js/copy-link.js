// Copies a link that is shown once. Without the clipboard's API (a page over plain HTTP has none) the old command
// copies what is selected; where that fails too, the link stays selected, and can be copied by hand.
const button = document.querySelector("[data-copy]");
const field = document.querySelector("[data-copy-from]");
const said = document.querySelector("[data-copied]");

button.hidden = false;
field.addEventListener("focus", () => field.select());
button.addEventListener("click", async () => {
  field.select();
  if (await isCopied()) said.textContent = said.dataset.copied;
});

async function isCopied() {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand?.("copy");
  }
}
