"use strict";
// Breathmark's service worker: what a listener keeps for offline is given where the host can't be reached.
// Everything else is asked of the host as if there were no worker, so that a new build is never hidden by an old copy.
const VERSION = "{{ version }}", KEPT = "breathmark-kept";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => { if (event.data === "version") event.ports[0].postMessage(VERSION); });

// Players ask for stretches of a file.
const stretch = async (request, whole) => {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") || "");
  if (!asked || whole.status !== 200) return whole;
  const body = await whole.blob(), first = Number(asked[1]), last = asked[2] ? Math.min(Number(asked[2]), body.size - 1) : body.size - 1;
  if (first >= body.size) return new Response("", { status: 416, headers: { "Content-Range": `bytes */${body.size}` } });
  return new Response(body.slice(first, last + 1, body.type), {
    status: 206,
    headers: {
      "Accept-Ranges": "bytes", "Content-Length": last + 1 - first, "Content-Range": `bytes ${first}-${last}/${body.size}`,
      "Content-Type": whole.headers.get("Content-Type") || body.type,
    },
  });
};

const answer = async (request) => {
  try {
    return await fetch(request);
  } catch (error) {
    const cache = await caches.open(KEPT), match = (name) => cache.match(name, { ignoreSearch: true, ignoreVary: true });
    const kept = await match(request.url.split("#")[0].replace(/\/$/, "/index.html"));
    if (kept) return stretch(request, kept);
    // The first page says it, and has what is kept.
    const first = new URL("index.html", self.registration.scope).href;
    if (request.mode === "navigate" && await match(first)) return Response.redirect(`${first}#not-kept`);
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && new URL(event.request.url).origin === self.location.origin) event.respondWith(answer(event.request));
});
