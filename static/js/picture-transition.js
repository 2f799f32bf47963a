// Names the picture of an item's card on the menu page when its item page is opened or left, so that a browser with view
// transitions animates it from one page to the other (css/shop/transition.css).
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
  transition.ready.catch(() => {}); // the browser may skip the transition
  transition.finished.then(forget, forget);
}
