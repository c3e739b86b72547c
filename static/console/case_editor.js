// The reply: grows with its text, shows what the customer will see, and never loses a word.

import { ask, button, byId, fragment, partAddress, tell, token } from "./case_dom.js";
import { forget, keep, kept } from "./case_kept.js";

export function editor(page) {
  for (const area of document.querySelectorAll("textarea[data-grow]")) grow(area);
  const area = byId("reply-text");
  if (!area) {
    forget(page); // sent, or over
    return;
  }
  if (!area.readOnly) {
    textKeep(page, area);
    insertions(area);
  }
  previews(page, area);
  sending(page);
}

function grow(area) {
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, 460)}px`;
  };
  area.addEventListener("input", fit);
  fit();
}

/** Put `text` into the editor as if it had been typed. */
export function write(area, text) {
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// --- What the text was made of -----------------------------------------------------------------------------------------
/** The text with the suggestion it was made of, which is told when it is sent, and what that rests on. */
function stand(area) {
  return { text: area.value, draft: byId("draft-key").value, sources: byId("basis").querySelector(".cq-sources") };
}

function put(area, { text, draft, sources }) {
  const basis = byId("basis");
  byId("draft-key").value = draft;
  basis.querySelector(".cq-sources")?.remove();
  if (sources) basis.append(sources);
  basis.hidden = !sources;
  write(area, text);
}

// --- Kept --------------------------------------------------------------------------------------------------------------
function textKeep(page, area) {
  const offered = stand(area);
  const before = kept(page);
  if (area.hasAttribute("data-kept")) keep(page, offered.text, offered.draft);
  else if (before && before.text !== offered.text) {
    const draft = before.draft ?? offered.draft;
    put(area, { text: before.text, draft, sources: draft === offered.draft ? offered.sources : null });
    notice("Your unsent text is back.", "Use what is suggested instead", () => {
      put(area, offered);
      byId("kept").hidden = true;
    });
  }
  let saved = true;
  let waiting = 0;
  const save = () => {
    clearTimeout(waiting);
    if (area.value === offered.text && !area.hasAttribute("data-kept")) forget(page);
    else saved = keep(page, area.value, byId("draft-key").value);
  };
  area.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 250);
  });
  window.addEventListener("pagehide", save);
  window.addEventListener("beforeunload", (event) => {
    save();
    if (!saved && !page.hasAttribute("data-sending")) event.preventDefault();
  });
}

function notice(words, offer, onClick) {
  const place = byId("kept");
  place.replaceChildren(words, " ", button(offer, onClick, "cq-plain"));
  place.hidden = false;
}

// --- Put in ------------------------------------------------------------------------------------------------------------
function insertions(area) {
  let entered = false; // until then the cursor is nowhere that somebody chose
  area.addEventListener("focus", () => (entered = true), { once: true });
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-insert], [data-use]");
    if (!pressed) return;
    event.preventDefault();
    if (pressed.dataset.use !== undefined) use(area, pressed);
    else {
      if (!entered) area.setSelectionRange(area.value.length, area.value.length);
      insert(area, pressed.dataset.insert);
    }
    const menu = pressed.closest("details.cq-menu");
    if (menu) menu.open = false;
    area.focus();
  });
}

/** Take the suggestion whose button was pressed: what was written before can be had back. */
function use(area, pressed) {
  const before = stand(area);
  const offer = pressed.closest(".cq-offer");
  put(area, { text: pressed.dataset.use, draft: pressed.dataset.draft, sources: offer.querySelector(".cq-sources") });
  offer.remove();
  if (before.text.trim()) {
    notice("The suggestion is in the editor.", "Back to my text", () => {
      put(area, before);
      byId("kept").hidden = true;
    });
  }
}

/** At the cursor, as a paragraph of its own. */
function insert(area, text) {
  const [start, end] = [area.selectionStart, area.selectionEnd];
  const before = area.value.slice(0, start);
  const after = area.value.slice(end);
  const gap = before && !before.endsWith("\n\n") ? (before.endsWith("\n") ? "\n" : "\n\n") : "";
  const tail = after && !after.startsWith("\n") ? "\n\n" : "";
  write(area, before + gap + text + tail + after);
  const at = (before + gap + text).length;
  area.setSelectionRange(at, at);
}

// --- Preview -----------------------------------------------------------------------------------------------------------
function previews(page, area) {
  const tabs = document.querySelector("[data-editor-tabs]");
  const [toWrite, toPreview] = [tabs.querySelector("[data-write]"), tabs.querySelector("[data-preview]")];
  const shown = byId("preview");
  tabs.hidden = false;
  const turn = (preview) => {
    area.hidden = preview;
    shown.hidden = !preview;
    toWrite.setAttribute("aria-pressed", String(!preview));
    toPreview.setAttribute("aria-pressed", String(preview));
  };
  toWrite.addEventListener("click", () => {
    turn(false);
    area.focus();
  });
  toPreview.addEventListener("click", async () => {
    const body = new URLSearchParams({ text: area.value, csrfmiddlewaretoken: token() });
    try {
      const answer = await ask(partAddress(page, "preview"), { method: "POST", body });
      shown.replaceChildren(fragment(await answer.text()));
      turn(true);
    } catch (error) {
      tell(error.message, { tone: "bad" });
    }
  });
}

// --- Sending -----------------------------------------------------------------------------------------------------------
function sending(page) {
  const form = byId("reply-form");
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (page.hasAttribute("data-sending")) event.preventDefault(); // a second click must not send twice
    page.setAttribute("data-sending", "");
  });
  window.addEventListener("pageshow", () => page.removeAttribute("data-sending")); // the browser's "back" shows the old page
}
