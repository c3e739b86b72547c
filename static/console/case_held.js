// A reply in the seconds in which it can be taken back.

import { ask, byId, partAddress } from "./case_dom.js";

const LOOK_SECONDS = 1;

export function held(page) {
  const place = byId("held");
  if (!place) return;
  const until = performance.now() + Number(place.dataset.seconds) * 1000;
  const bar = place.querySelector(".cq-toast-bar");
  bar?.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: until - performance.now(), fill: "forwards" });
  // The browser's own autofocus comes too early: the frame hides the page until it knows light from dark.
  requestAnimationFrame(() => place.querySelector("[autofocus]")?.focus());
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    for (const one of place.querySelectorAll("[data-countdown]")) one.textContent = left > 0 ? `in ${left} s` : "now…";
    if (left > 0) setTimeout(tick, 250);
    else look(page);
  };
  tick();
}

/** The worker sends it, or finds that it must not; either way the page then shows something else. */
async function look(page) {
  try {
    const state = await (await ask(partAddress(page, "state"))).json();
    if (state.held !== "held") {
      location.replace(location.pathname);
      return;
    }
  } catch {
    // looked at again
  }
  setTimeout(() => look(page), LOOK_SECONDS * 1000);
}
