// Adds a − and a + button to a number input, large enough for a thumb.
for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const input = stepper.querySelector("input");
  const button = (sign, step) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "stepper__button";
    made.textContent = sign;
    made.setAttribute("aria-hidden", "true");
    made.tabIndex = -1;
    made.addEventListener("click", () => {
      if (step > 0) input.stepUp();
      else input.stepDown();
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return made;
  };
  stepper.prepend(button("−", -1));
  stepper.append(button("+", 1));
}
