// What happens to the case while it is open: new messages come into the thread, the editor is left alone.

import { live } from "./live.js";
import { ask, button, byId, isTold, partAddress, tell } from "./case_dom.js";
import { partLoad } from "./case_parts.js";
import { customerWroteTell, newerLoad, showButton } from "./case_thread.js";

const LOOK_SECONDS = 30; // for whoever hears no news
const QUIET_MS = 150; // several things that happen at once are looked at once

export function news(page) {
  const id = page.dataset.id;
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look(page).catch(() => {}), QUIET_MS);
  };
  live.on("escalation", (frame) => {
    if (frame.id !== id) return;
    if (frame.kind === "ticked") partLoad(page, "guide").catch(() => {});
    else if (frame.kind === "noted" && String(frame.user_id) === page.dataset.user) return; // the form showed it already
    else soon();
  });
  live.on("ready", soon);
  live.on("presence", (frame) => frame.escalation === id && people(id));
  live.watch(id);
  page.addEventListener("input", (event) => event.target.matches("textarea") && event.isTrusted && live.typing());
  setInterval(() => document.visibilityState === "visible" && soon(), LOOK_SECONDS * 1000);
}

async function look(page) {
  const state = await (await ask(partAddress(page, "state"))).json();
  if (state.newest > Number(page.dataset.newest)) await taken(page);
  if (state.stamp !== page.dataset.stamp && !byId("held")) changed(page, state);
}

async function taken(page) {
  const added = await newerLoad(page);
  if (!added.length || customerWroteTell(page, added)) return;
  const notes = added.every((one) => one.classList.contains("cq-note"));
  const words = notes ? "A colleague has left a note." : `${counted(added.length)} in the thread.`;
  tell(words, { buttons: [showButton(added.at(-1))] });
}

const counted = (number) => (number === 1 ? "A new message" : `${number} new messages`);

function changed(page, state) {
  const drafted = state.draft !== page.dataset.draft && state.draft !== "none";
  if (isTold("customer")) return; // to read that comes first: what else has changed is told at a later look
  page.dataset.stamp = state.stamp;
  page.dataset.draft = state.draft;
  const who = state.mine ? "yours" : state.assignee ? `with ${state.assignee}` : "nobody's";
  const what = drafted ? "The assistant has another suggestion" : `This case has changed: ${state.state.toLowerCase()}, ${who}`;
  tell(`${what}. What you typed is kept.`, {
    tone: "warn", stays: true, buttons: [button("Load again", () => location.replace(location.pathname), "cq-primary")],
  });
}

function people(id) {
  const others = live.others(id);
  const place = byId("people");
  place.replaceChildren(...others.map((person) => chip(person)));
}

function chip(person) {
  const made = document.createElement("span");
  made.className = "cq-chip cq-chip-here";
  made.textContent = person.typing ? `${person.name} is typing…` : `${person.name} is viewing`;
  return made;
}
