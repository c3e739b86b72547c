// Parts that change by themselves: notes, steps, suggestions, the summary, what the knowledge base says.

import { ask, byId, fragment, partAddress, tell } from "./case_dom.js";
import { append, customerWroteTell } from "./case_thread.js";

const POLL_SECONDS = 1;
const POLL_TRIES = 60;
const BRIEF_SECONDS = [1.5, 3, 6, 12];

export function parts(page) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const part = event.submitter?.dataset.part ?? form.dataset.part;
    if (!part) return;
    event.preventDefault();
    event.stopPropagation();
    act(page, form, event.submitter, part);
  }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dismiss]")) return;
    event.preventDefault();
    event.target.closest(".cq-offer").remove();
  });
  lazies();
  questions(page);
  poll(page);
}

async function act(page, form, submitter, part) {
  if (form.hasAttribute("data-busy")) return;
  form.setAttribute("data-busy", "");
  try {
    const address = new URL(form.getAttribute("action") || location.pathname, location.href);
    // A customer may have written just before the note: the answer holds everything that is not shown yet.
    if (part === "note") address.searchParams.set("after", page.dataset.newest);
    const body = new URLSearchParams(new FormData(form, submitter));
    const answer = await ask(address, { method: "POST", body, headers: { "X-Part": part } });
    show(page, part, await answer.text(), form);
  } catch (error) {
    tell(error.message, { tone: "bad" });
  }
  form.removeAttribute("data-busy");
}

function show(page, part, html, form) {
  if (part === "note") {
    const added = append(page, fragment(html));
    form.reset();
    byId("noting").open = false;
    added.at(-1)?.scrollIntoView({ block: "nearest" });
    if (!customerWroteTell(page, added)) tell("Your note is in the thread. The customer does not see it.");
    return;
  }
  const place = byId(part === "suggestion" ? "suggestion" : `part-${part}`);
  const focused = document.activeElement?.getAttribute("aria-label");
  place.replaceChildren(fragment(html));
  for (const one of place.querySelectorAll("[data-script]")) one.hidden = false;
  if (part === "guide" && focused) place.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  if (part === "suggestion") poll(page);
  if (part === "brief") briefAwait(page);
}

/** A part of the page as it is now, unless somebody is at work in it. */
export async function partLoad(page, part) {
  const html = await (await ask(partAddress(page, part))).text();
  const place = byId(`part-${part}`);
  if (!place.contains(document.activeElement)) place.replaceChildren(fragment(html));
}

/** A suggestion is looked at again until it is written or cannot be. What is typed meanwhile is left alone. */
async function poll(page, tries = POLL_TRIES) {
  const open = byId("suggestion")?.querySelector("[data-poll]");
  if (!open) return;
  await new Promise((done) => setTimeout(done, POLL_SECONDS * 1000));
  if (!open.isConnected) return;
  try {
    const html = await (await ask(open.dataset.poll)).text();
    if (!open.isConnected) return;
    byId("suggestion").replaceChildren(fragment(html));
    for (const one of byId("suggestion").querySelectorAll("[data-script]")) one.hidden = false;
  } catch (error) {
    if (tries <= 1) tell(error.message, { tone: "bad" });
  }
  if (tries > 1) poll(page, tries - 1);
}

async function briefAwait(page) {
  tell("The summary is being written.");
  const before = byId("part-brief").textContent;
  for (const seconds of BRIEF_SECONDS) {
    await new Promise((done) => setTimeout(done, seconds * 1000));
    const html = await (await ask(partAddress(page, "brief"))).text();
    const made = fragment(html);
    if (made.textContent.trim() === before.trim()) continue;
    byId("part-brief").replaceChildren(made);
    return;
  }
}

/** What is seldom looked at is fetched when it is opened. */
function lazies() {
  for (const one of document.querySelectorAll("details[data-lazy]")) {
    one.addEventListener("toggle", async () => {
      if (!one.open || one.hasAttribute("data-loaded")) return;
      one.setAttribute("data-loaded", "");
      const place = one.querySelector(":scope > div");
      place.textContent = "Loading…";
      try {
        place.replaceChildren(fragment(await (await ask(one.dataset.lazy)).text()));
      } catch (error) {
        one.removeAttribute("data-loaded");
        place.textContent = error.message;
      }
    });
  }
}

function questions(page) {
  const form = document.querySelector("form[data-ask]");
  let asked = 0;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const place = byId("found");
    const mine = ++asked;
    place.textContent = "Searching…";
    try {
      const answer = await ask(partAddress(page, "knowledge", { q: form.elements.q.value }));
      const html = await answer.text();
      if (mine === asked) place.replaceChildren(fragment(html));
    } catch (error) {
      if (mine === asked) place.textContent = error.message;
    }
  });
}
