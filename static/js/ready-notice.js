// Tells the customer that the order is ready (templates/components/_ready_notice.html): always in the title (live-page.js tells
// screen readers); by sound, vibration and a system notification after a press on "Tell me when it is ready", which
// localStorage remembers. The text promises only what this browser supports and allows.
const tellMe = document.querySelector("[data-tell-me]");
const REMEMBERED = "tell-me";
const WAITED_FOR = ["pending", "preparing"];
const CHIME = [[0, 880], [0.16, 1175], [0.32, 1760]]; // start (s), pitch (Hz)
const BUZZ_MS = [200, 100, 200, 100, 400];
const CAN = { ring: "AudioContext" in window, buzz: "vibrate" in navigator, notify: "Notification" in window };

let isWanted = remembered();
let isTouched = false; // browsers block sound and vibration before the first touch of a page
let status = orderState().status;
let sound = null;

document.addEventListener("htmx:afterSwap", () => {
  const was = status;
  status = orderState().status;
  if (status === was) return;
  show();
  if (status === "ready") tell();
});

for (const touch of ["click", "keydown", "touchend"]) addEventListener(touch, wake, true);
tellMe.querySelector("button").addEventListener("click", async () => {
  isWanted = !isWanted;
  remember();
  wake();
  if (!isWanted) return;
  ring(); // a sample of the sound
  if (notices() === "default") await Notification.requestPermission();
  if (notices() === "granted") navigator.serviceWorker?.register("/sw.js").catch(() => {}); // needed on phones
  show();
});

document.addEventListener("visibilitychange", titleWithoutBell);
show();

function orderState() {
  return document.getElementById("order-state").dataset;
}

function notices() {
  return CAN.notify ? Notification.permission : "denied";
}

function show() {
  tellMe.hidden = !WAITED_FOR.includes(status) || !(CAN.ring || CAN.buzz || CAN.notify);
  tellMe.querySelector("button").setAttribute("aria-pressed", String(isWanted));
  const how = tellMe.querySelector(".tell-me__how");
  how.textContent = how.dataset[isWanted ? whatIsPromised() : whatIsOffered()];
}

function whatIsOffered() {
  if (CAN.ring) return CAN.buzz ? "off" : "offRing";
  return CAN.buzz ? "offBuzz" : "offNotify";
}

function whatIsPromised() {
  const isNotified = notices() === "granted";
  if (sound?.state === "running") return isNotified ? "notified" : "on";
  if (isNotified) return "onNotify";
  if (!CAN.ring && !CAN.buzz) return "onRefused";
  return CAN.ring || !isTouched ? "onTouch" : "onBuzz";
}

function tell() {
  if (document.hidden) document.title = `🔔 ${document.title}`;
  if (!isWanted) return;
  ring();
  setTimeout(ring, 1500);
  navigator.vibrate?.(BUZZ_MS);
  if (notices() === "granted") notify().catch(() => {}); // the sound was played anyway
}

function titleWithoutBell() {
  if (!document.hidden) document.title = document.title.replace("🔔 ", "");
}

async function notify() {
  const { number, address, ready, icon } = tellMe.dataset;
  const notice = { body: ready, tag: address, data: address, icon, lang: document.documentElement.lang };
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker?.active && worker.showNotification) await worker.showNotification(number, notice);
  else new Notification(number, notice);
}

function wake() {
  isTouched = true;
  if (isWanted && CAN.ring) {
    sound ??= Object.assign(new AudioContext(), { onstatechange: show });
    if (sound.state !== "running") sound.resume().catch(() => {});
  }
  show();
}

function ring() {
  if (!sound) return; // remembered from an earlier page, and this page was not touched yet
  sound.resume().catch(() => {});
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
    return false; // localStorage is forbidden
  }
}

function remember() {
  try {
    if (isWanted) localStorage.setItem(REMEMBERED, "on");
    else localStorage.removeItem(REMEMBERED);
  } catch {} // localStorage is forbidden: the choice lasts for this page only
}
