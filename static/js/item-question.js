// Asks once (templates/components/_item_question.html) before an item that does not satisfy the filter goes into the cart.
// js/item-filter.js writes the reason into the form's data-against.
const form = document.querySelector("[data-item-form]");
if (form) {
  const question = form.querySelector("[data-question]");
  const button = form.querySelector("button:not([type=button])");
  let accepted = "";

  const show = (isShown) => {
    question.hidden = !isShown;
    question.parentElement.classList.toggle("is-asking", isShown);
  };

  const ask = () => {
    question.querySelector("[data-question-against]").textContent = form.dataset.against;
    const words = question.querySelector("[data-question-words]");
    const { on } = document.querySelector("[data-item-filter]").dataset;
    words.textContent = words.dataset.questionWords.replace("{filter}", () => on);
    show(true);
    question.focus();
  };

  const chooseAgain = () => {
    show(false);
    button.focus();
  };

  const addIt = () => {
    accepted = form.dataset.against;
    show(false);
    button.click();
  };

  // Capture phase of the document: runs before the scripts that send the form, and after js/offline.js, which may refuse it.
  const stop = (event) => {
    const { against } = form.dataset;
    if (event.defaultPrevented || event.target !== form || !against || against === accepted) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask();
  };

  document.addEventListener("submit", stop, { capture: true });
  question.querySelector("[data-question-no]").addEventListener("click", chooseAgain);
  question.querySelector("[data-question-yes]").addEventListener("click", addIt);
  question.addEventListener("keydown", (event) => event.key === "Escape" && chooseAgain());
  form.addEventListener("input", () => show(false));
}
