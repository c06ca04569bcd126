"use strict";
// Keeping a session for where there is no connection: a service worker, which only pages from a host can have.
(() => {
  const button = document.getElementById("keep");
  if (!button || !("serviceWorker" in navigator) || !("caches" in self) || !location.protocol.startsWith("http")) return;
  const { words, keep, worker, base } = JSON.parse(document.getElementById("session-data").textContent);
  const told = document.getElementById("kept"), KEPT = "breathmark-kept";
  const files = keep.map((name) => new URL(name, location.href).href);
  const tell = (text) => { told.textContent = text; };
  let kept = false;

  const show = () => { button.textContent = kept ? words.forget : words.keep; button.setAttribute("aria-pressed", String(kept)); };
  // A worker of an older build may know older files.
  const ask = (active) => new Promise((done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => done(event.data);
    setTimeout(() => done(""), 3000);
    active.postMessage("version", [channel.port2]);
  });
  const check = async () => {
    const registration = await navigator.serviceWorker.getRegistration(base);
    if (!registration || !registration.active || await ask(registration.active) === worker) return;
    await registration.update().catch(() => {});
    tell(words.old_worker);
  };

  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      if (kept) {
        const cache = await caches.open(KEPT);
        await Promise.all(files.filter((each) => /\/packs\//.test(each)).map((each) => cache.delete(each)));
        await cache.delete(location.href.split("#")[0]);
        kept = false;
        tell("");
      } else {
        await navigator.serviceWorker.register(`${base}breathmark-worker.js`, { scope: base });
        await navigator.serviceWorker.ready;
        const cache = await caches.open(KEPT);
        await cache.addAll(files.map((each) => new Request(each, { cache: "reload" })));
        kept = true;
        tell(words.kept);
      }
    } catch { tell(words.not_kept); }
    button.disabled = false;
    show();
  });

  (async () => {
    const cache = await caches.open(KEPT).catch(() => null);
    if (!cache) return;
    kept = (await Promise.all(files.map((each) => cache.match(each)))).every(Boolean);
    button.hidden = false;
    if (kept) tell(words.kept);
    show();
    check();
  })();
})();
