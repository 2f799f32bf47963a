// OFFLINE_MENU=off: removes the worker, and all that it kept, from each device that comes by.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(remove()));

async function remove() {
  try {
    const names = await caches.keys();
    await Promise.all(names.map((name) => caches.delete(name)));
  } catch {} // storage is forbidden: nothing was kept
  await self.registration.unregister();
}
