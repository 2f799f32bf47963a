// Names the picture of the card that leads to an item's page, or is come back to from there, so that a browser that knows
// view transitions moves it from the one page to the other (css/shop/transition.css).
const ITEM = /\/item\/([-\w]+)\/$/;

addEventListener("pageswap", (event) => nameThePicture(event, event.activation?.entry?.url));
addEventListener("pagereveal", (event) => nameThePicture(event, window.navigation?.activation?.from?.url));

function nameThePicture(event, address) {
  const slug = ITEM.exec(address ? new URL(address).pathname : "")?.[1];
  const card = slug && document.getElementById(slug);
  const transition = card && event.viewTransition;
  if (!transition) return;
  card.classList.add("item-card--opened");
  const forget = () => card.classList.remove("item-card--opened");
  transition.ready.catch(() => {}); // the browser may leave it out
  transition.finished.then(forget, forget);
}
