// Copies a staff member's one-time link (templates/admin/staff/link.html). Without the clipboard API (a page over plain HTTP
// has none) document.execCommand copies the selected link; if that fails too, the link stays selected for copying by hand.
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
