// Asks once before something that goes against the filter (js/item-filter.js says what, at the form) goes into the cart.
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

  // In the capture phase of the document: before another script takes the form, after js/offline.js has refused it.
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
