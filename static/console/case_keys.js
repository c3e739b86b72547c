// One key, one thing. Nothing happens while somebody types.

import { byId } from "./case_dom.js";
import { openMenu } from "./case_menus.js";

const TWO_KEYS_SECONDS = 1.2;
const OFF = "cq-keys-off"; // for single keys everywhere in the console: who dictates would press them all the time

export function keys(page) {
  const list = byId("keys");
  let went = -Infinity; // when G was pressed
  const press = (selector) => document.querySelector(selector)?.click();
  const does = {
    r: () => byId("reply-text")?.focus(),
    n: () => noteOpen(),
    s: () => openMenu(byId("snooze")),
    e: () => openMenu(byId("resolve")),
    m: () => openMenu(byId("macros")),
    k: () => byId("ask").focus(),
    c: () => press("button[name=do][value=claim]"),
    u: () => press("button[name=do][value=undo]"),
    "?": () => list.showModal(),
  };
  for (const one of document.querySelectorAll("[data-keys]")) {
    one.hidden = false;
    one.addEventListener("click", does["?"]);
  }
  const switched = byId("keys-on");
  switched.checked = isOn();
  switched.addEventListener("change", () => localStorage.setItem(OFF, switched.checked ? "0" : "1"));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || list.open) return;
    if (typing(event.target)) return inField(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "q" && isOn() && performance.now() - went < TWO_KEYS_SECONDS * 1000) return void (location.href = page.dataset.queue);
    went = key === "g" ? performance.now() : -Infinity;
    if (!does[key] || (!isOn() && key !== "?")) return;
    event.preventDefault();
    does[key]();
  });
}

const isOn = () => localStorage.getItem(OFF) !== "1";
// Nobody types into a box that is ticked: the help's own one still has the focus for a moment after the help has closed.
const typing = (target) => target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

function inField(event) {
  if (event.key === "Escape") event.target.blur();
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.form;
  const sends = form?.querySelector("button[name=do][value=send], button[name=do][value=note]");
  if (!sends) return;
  event.preventDefault();
  form.requestSubmit(sends);
}

function noteOpen() {
  const noting = byId("noting");
  if (!noting) return;
  noting.open = true;
  byId("note-text").focus();
}
