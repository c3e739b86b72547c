// A dashboard: draws the charts, and makes of each table a twin to switch to. Without scripts the tables are the page.
import { barStart } from "./bar.js";
import { drawAll, recolour } from "./charts.js";
import { liveStart } from "./live.js";
import { twinsStart } from "./twins.js";

const page = document.querySelector(".an-page");

if (page) {
  page.classList.add("an-scripted");
  addressCanonical(page);
  twinsStart(page);
  barStart(page);
  drawAll(page);
  document.fonts?.ready.then(recolour);
  liveStart(page, () => drawAll(page));
  new MutationObserver(() => recolour()).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  placeKeep(page);
}

/** What an address said wrongly has been pointed out; who copies it now copies what is shown. */
function addressCanonical(page) {
  if (page.dataset.canonical) history.replaceState(history.state, "", location.pathname + page.dataset.canonical.replace(/^\?$/, ""));
}

/** Filtering by a click leaves the reader where they were. */
function placeKeep(page) {
  const key = `an-place ${location.pathname}`;
  const kept = sessionStorage.getItem(key);
  if (kept !== null) {
    sessionStorage.removeItem(key);
    window.scrollTo(0, Number(kept));
  }
  page.addEventListener("an-filter", () => sessionStorage.setItem(key, String(window.scrollY)));
  page.addEventListener("click", event => {
    if (event.target.closest(".an-twin a, .an-chips a")) sessionStorage.setItem(key, String(window.scrollY));
  });
}
