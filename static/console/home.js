// Home keeps up: counts come by the websocket, the other parts are read again when something happened.

import { live } from "./live.js";

const RENEW_SECONDS = 60;
const GATHER_MS = 1500;
const home = document.querySelector("[data-home]");
if (home) {
  greet(home.querySelector("[data-greeting]"));
  if ("live" in home.dataset) keepUp();
}

/** By the reader's own clock, which the server does not know. */
function greet(place) {
  const hour = new Date().getHours();
  place.textContent = hour >= 5 && hour < 12 ? "Good morning" : hour >= 12 && hour < 18 ? "Good afternoon" : "Good evening";
}

function keepUp() {
  let timer = setTimeout(renew, RENEW_SECONDS * 1000), soon = 0, first = true;

  async function renew() {
    clearTimeout(timer);
    clearTimeout(soon);
    soon = 0;
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
        if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch { /* the next time */ }
    }
    timer = setTimeout(renew, RENEW_SECONDS * 1000);
  }

  live.on("counts", frame => {
    for (const tile of home.querySelectorAll("[data-tile]")) if (tile.dataset.tile in frame) show(tile, frame[tile.dataset.tile]);
  });
  live.on("escalation", () => { if (!soon) soon = setTimeout(renew, GATHER_MS + Math.random() * GATHER_MS); });
  live.on("ready", () => { if (!first) renew(); first = false; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
}

function take(page) {
  for (const here of home.querySelectorAll("[data-part]")) {
    const there = page.querySelector(`[data-part="${here.dataset.part}"]`);
    if (!there || here.innerHTML === there.innerHTML || here.contains(document.activeElement)) continue;
    here.replaceChildren(...[...there.childNodes].map(node => document.importNode(node, true)));
  }
  for (const tile of home.querySelectorAll("[data-tile]")) {
    const there = page.querySelector(`[data-tile="${tile.dataset.tile}"]`);
    if (there) show(tile, Number(there.dataset.value));
  }
}

function show(tile, value) {
  if (tile.dataset.value === String(value)) return;
  tile.dataset.value = value;
  tile.querySelector("[data-value-shown]").textContent = value;
  tile.classList.remove("cq-h-moved");
  void tile.offsetWidth; // so that the animation begins again
  tile.classList.add("cq-h-moved");
}
