// A dashboard that renews itself: the same page is fetched again and what changed is put in its place, so that focus,
// scroll, open tables and menus stay. It rests while the page is not looked at, and when the reader says so.
import { twinsRenew } from "./twins.js";

const LONGEST = 300;

/**
 * @param {HTMLElement} page with data-live-seconds
 * @param {() => void} redraw called after new figures are in place
 */
export function liveStart(page, redraw) {
  const seconds = Number(page.dataset.liveSeconds);
  const button = page.querySelector("[data-live-switch]");
  if (!seconds || !button) return;
  const word = button.querySelector("[data-live-word]");
  let wait = seconds, timer = 0, running = true;
  button.hidden = false;

  const next = () => { clearTimeout(timer); if (running) timer = setTimeout(renew, wait * 1000); };
  const renew = async () => {
    if (!document.hidden) {
      const came = await fetchPage();
      if (came && running) { replaceAll(page, came); twinsRenew(page); redraw(); }
      wait = came ? seconds : Math.min(wait * 2, LONGEST); // whoever does not answer is asked less often
      word.textContent = came ? "Live" : "Not reachable";
    }
    next();
  };
  button.addEventListener("click", () => {
    running = !running;
    button.setAttribute("aria-pressed", String(running));
    word.textContent = running ? "Live" : "Paused";
    if (running) renew(); else clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && running) { clearTimeout(timer); renew(); } });
  page.addEventListener("an-renew", renew);
  next();
}

async function fetchPage() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error", signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

function replaceAll(page, came) {
  for (const here of page.querySelectorAll("[data-live][id], script[type='application/json'][id]")) {
    const there = came.getElementById(here.id);
    if (there && there.innerHTML !== here.innerHTML) replace(here, there);
  }
  for (const canvas of page.querySelectorAll("canvas[data-chart]")) {
    const there = came.querySelector(`canvas[data-chart="${canvas.dataset.chart}"]`);
    if (there) canvas.setAttribute("aria-label", there.getAttribute("aria-label"));
  }
}

/** The focus stays on the same link of a table. */
function replace(here, there) {
  const focused = here.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  here.replaceChildren(...[...there.childNodes].map(node => document.importNode(node, true)));
  if (focused) [...here.querySelectorAll("a")].find(link => link.getAttribute("href") === focused)?.focus({ preventScroll: true });
}
