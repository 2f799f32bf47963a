// Tells that the order is ready: in the title always (live-page.js says it to a screen reader); by a sound, a buzz and a
// notification of the system after a touch on "Tell me when it is ready", which this device remembers. What is refused
// is left out.
const tellMe = document.querySelector("[data-tell-me]");
const REMEMBERED = "tell-me";
const WAITED_FOR = ["pending", "preparing"];
const CHIME = [[0, 880], [0.16, 1175], [0.32, 1760]]; // when (s), how high (Hz)
const BUZZ_MS = [200, 100, 200, 100, 400];

let isWanted = remembered();
let status = orderState().status;
let sound = null; // browsers let a page sound only after a touch

document.addEventListener("htmx:afterSwap", () => {
  const was = status;
  status = orderState().status;
  if (status === was) return;
  show();
  if (status === "ready") tell();
});

tellMe.querySelector("button").addEventListener("click", async () => {
  isWanted = !isWanted;
  remember();
  show();
  if (!isWanted) return;
  ring(); // this is how it sounds
  if (notices() === "default") await Notification.requestPermission();
  if (notices() === "granted") navigator.serviceWorker?.register("/sw.js").catch(() => {}); // a phone's notice needs it
  show();
});

for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => isWanted && wake(), { once: true });
document.addEventListener("visibilitychange", titleWithoutBell);
show();

function orderState() {
  return document.getElementById("order-state").dataset;
}

function notices() {
  return window.Notification?.permission ?? "denied";
}

function show() {
  tellMe.hidden = !WAITED_FOR.includes(status);
  tellMe.querySelector("button").ariaPressed = String(isWanted);
  const how = tellMe.querySelector(".tell-me__how");
  how.textContent = how.dataset[!isWanted ? "off" : notices() === "granted" ? "notified" : "on"];
}

function tell() {
  if (document.hidden) document.title = `🔔 ${document.title}`;
  if (!isWanted) return;
  ring();
  setTimeout(ring, 1500);
  navigator.vibrate?.(BUZZ_MS);
  if (notices() === "granted") notify().catch(() => {}); // rung all the same
}

function titleWithoutBell() {
  if (!document.hidden) document.title = document.title.replace("🔔 ", "");
}

async function notify() {
  const { number, address, ready, icon } = tellMe.dataset;
  const notice = { body: ready, tag: address, data: address, icon, lang: document.documentElement.lang };
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker?.active) await worker.showNotification(number, notice);
  else new Notification(number, notice);
}

function wake() {
  sound ??= new AudioContext();
  sound.resume();
}

function ring() {
  if (!sound && !navigator.userActivation?.isActive) return; // remembered, but not touched since
  wake();
  for (const [after_s, hertz] of CHIME) {
    const [tone, volume] = [sound.createOscillator(), sound.createGain()];
    const start = sound.currentTime + after_s;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.001, start);
    volume.gain.exponentialRampToValueAtTime(0.3, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.6);
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) === "on";
  } catch {
    return false; // storage is forbidden
  }
}

function remember() {
  try {
    if (isWanted) localStorage.setItem(REMEMBERED, "on");
    else localStorage.removeItem(REMEMBERED);
  } catch {} // as above: for this page it counts
}
