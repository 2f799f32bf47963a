// Answers the first press at once and swallows the second. (The server would see one order in both all the same.)
for (const button of document.querySelectorAll("[data-submit-once]")) {
  const words = button.textContent;
  button.form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true") return event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
  });
  addEventListener("pageshow", () => {
    button.removeAttribute("aria-disabled");
    button.textContent = words;
  });
}
