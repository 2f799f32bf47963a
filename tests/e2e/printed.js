// Returns the problems of a printed page: text that is not nearly black on white, and controls for the screen only.
(leastContrast) => {
  const problems = [];
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return { parts: [red, green, blue].map((part) => part / 255), alpha: alpha / 255 };
  };
  const luminance = (parts) => {
    const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const { parts, alpha } = channels(getComputedStyle(one).backgroundColor);
      if (alpha > 0.5) return luminance(parts);
    }
    return 1;
  };
  const isSeen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: parent } = walker.currentNode;
    if (!data.trim() || !isSeen(parent) || parent.closest(".visually-hidden, script, noscript, template, option")) continue;
    const [ink, paper] = [luminance(channels(getComputedStyle(parent).color).parts), ground(parent)];
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < leastContrast) problems.push(`${contrast.toFixed(2)}: ${data.trim()}`);
    if (paper < 1) problems.push(`not on white: ${data.trim()}`);
  }
  const forTheScreen =
    "button, .button, nav, input:not([type=radio], [type=checkbox]), .cart-bar, .menu-tools, .tell-me, .gone, .session-ending, .cart-line__change, .item-filter, .notice--undo";
  for (const one of document.querySelectorAll(forTheScreen)) {
    if (isSeen(one)) problems.push(`printed: ${one.outerHTML.slice(0, 100)}`);
  }
  return [...new Set(problems)];
}
