// Rows that keep up with what happens and never jump: a change is drawn in place, what left is greyed, and what came
// waits in a bar until the reader wants it. The server draws every row; here they are only put in their places.

import { live } from "../live.js";

const GATHER_MS = 400; // several events are answered by one question
const RENEW_SECONDS = 60; // clocks and ages move on, and what no event told is found
const ENTERS = {
  all: ["opened", "woken", "followed_up"],
  unassigned: ["opened", "released", "woken"],
  mine: ["opened", "claimed", "assigned", "woken", "followed_up"],
  waiting: ["waiting", "answered"],
  snoozed: ["snoozed"],
  resolved: ["answered", "resolved", "closed"],
};
const LEFT = {
  claimed: "taken", assigned: "assigned", snoozed: "snoozed", waiting: "waits for the customer",
  answered: "answered", resolved: "resolved", closed: "closed", released: "released", woken: "woken up",
};
const WORDS = { live: "Live", connecting: "Connecting …", over: "Signed out" };

export function rowsStart(queue, { say, selection }) {
  const list = queue.querySelector("[data-list]");
  const bar = queue.querySelector("[data-new]");
  const came = new Set(); // shown nowhere yet
  const asked = new Map(); // id -> the last event about it, to be asked for
  let timer = 0, first = true;

  const all = () => [...list.querySelectorAll("tr[data-id]")];
  const row = id => list.querySelector(`tr[data-id="${CSS.escape(id)}"]`);

  // --- What the server says ------------------------------------------------------------------------------------------
  async function ask(ids) {
    const address = `${queue.dataset.rowsUrl}?${queue.dataset.query}&ids=${ids.join(",")}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  async function renew(events) {
    const ids = [...events.keys()];
    let found;
    try { found = await ask(ids); } catch { return; } // the next look finds it
    for (const [name, count] of Object.entries(found.tabs)) countShow(name, count);
    for (const id of ids) {
      const here = row(id), html = found.rows[id];
      if (here && html) draw(here, html);
      else if (here) leave(here, events.get(id));
      else if (html && enters(events.get(id))) came.add(id);
      else came.delete(id);
    }
    barShow();
  }

  function enters(event) {
    return !event || (ENTERS[queue.dataset.tab] ?? []).includes(event.kind);
  }

  async function lookAround() {
    clearTimeout(timer);
    if (!document.hidden && all().length) await renew(new Map(all().map(one => [one.dataset.id, null])));
    if (!document.hidden) await newcomers();
    timer = setTimeout(lookAround, RENEW_SECONDS * 1000);
  }

  /** What a first page would hold now that this one does not. */
  async function newcomers() {
    if (!("first" in queue.dataset)) return;
    const page = await load();
    if (!page) return;
    const known = new Set(all().map(one => one.dataset.id));
    const here = [...page.querySelectorAll("tr[data-id]")].map(one => one.dataset.id);
    for (const id of here) if (!known.has(id)) came.add(id);
    barShow();
  }

  async function load() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
      return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    } catch { return null; }
  }

  // --- What the reader sees ------------------------------------------------------------------------------------------
  function draw(here, html) {
    const made = document.createElement("template");
    made.innerHTML = html;
    const there = made.content.querySelector("tr");
    const changed = bare(here) !== bare(there);
    here.classList.remove("cq-q-gone");
    if (!changed) { here.querySelector(".cq-q-age")?.replaceWith(there.querySelector(".cq-q-age")); return; }
    const focused = here.contains(document.activeElement) ? document.activeElement.dataset : null;
    const ticked = here.querySelector("input[name=e]")?.checked;
    here.className = there.className;
    here.dataset.assignee = there.dataset.assignee;
    here.replaceChildren(...there.childNodes);
    if (ticked) here.querySelector("input[name=e]").checked = true;
    if (focused) here.querySelector("open" in focused ? "[data-open]" : "input, [data-open]")?.focus({ preventScroll: true });
    viewersShow(here.dataset.id);
    here.classList.add("cq-q-changed");
    setTimeout(() => here.classList.remove("cq-q-changed"), 2500);
  }

  /** The words of a row but those that move by themselves. */
  function bare(one) {
    return [one.dataset.assignee, ...[...one.querySelectorAll(".cq-q-sla, .cq-q-matter, .cq-q-customer, .cq-q-assignee")]
      .map(cell => cell.textContent.replace(/\s+/g, " "))].join("|").replace(one.querySelector("[data-note]")?.textContent || "\0", "");
  }

  function leave(here, event) {
    if (here.classList.contains("cq-q-gone")) return;
    here.classList.add("cq-q-gone");
    const box = here.querySelector("input[name=e]");
    if (box) { box.checked = false; box.disabled = true; selection.show(); }
    here.querySelector("[data-note]").textContent = noteOf(event);
  }

  function noteOf(event) {
    const who = event?.user_id && event.user_id === live.you?.id ? "you" : event?.assignee?.name;
    const word = LEFT[event?.kind] ?? "not on this list any more";
    if (event?.kind === "assigned") return who === "you" ? "assigned to you" : `assigned to ${event.assignee?.name ?? "somebody"}`;
    return who && event.kind in LEFT ? `${word} by ${who}` : word;
  }

  function barShow() {
    const shown = came.size > 0;
    bar.hidden = !shown;
    if (!shown) return;
    const words = `${came.size} new`;
    const place = bar.querySelector("[data-new-words]");
    if (place.textContent === words) return;
    place.textContent = words;
    say(`${words} case${came.size === 1 ? "" : "s"}. Press R to show.`);
  }

  async function newShow() {
    if (!came.size) return;
    if (!("first" in queue.dataset)) { location.href = `?${queue.dataset.query}`; return; }
    const page = await load();
    const fresh = page?.querySelector("[data-list]");
    if (!fresh) return;
    const ticked = new Set(selection.ids()), news = new Set(came);
    for (const part of ["table", ".cq-q-empty", "[data-pages]"]) list.querySelector(part)?.remove();
    for (const part of fresh.querySelectorAll(":scope > table, :scope > .cq-q-empty, :scope > [data-pages]")) list.append(document.importNode(part, true));
    for (const one of all()) {
      const box = one.querySelector("input[name=e]");
      if (box && ticked.has(one.dataset.id)) box.checked = true;
      if (news.has(one.dataset.id)) one.classList.add("cq-q-changed");
      viewersShow(one.dataset.id);
    }
    came.clear();
    barShow();
    selection.renew();
    (all().find(one => news.has(one.dataset.id)) ?? all()[0])?.querySelector("[data-open]")?.focus();
  }

  function countShow(name, count) {
    const place = queue.querySelector(`[data-tab-name="${name}"] [data-tab-count]`);
    if (place) place.textContent = count;
  }

  function viewersShow(id) {
    const place = row(id)?.querySelector("[data-viewers]");
    if (!place) return;
    const people = live.others(id);
    place.replaceChildren(...people.slice(0, 3).map(face));
    place.parentElement.title = people.length ? `Viewed by ${people.map(one => one.name).join(", ")}` : "";
    if (people.length) {
      const words = document.createElement("span");
      words.className = "cq-hidden";
      words.textContent = `viewed by ${people.map(one => one.name).join(", ")}`;
      place.append(words);
    }
  }

  function face(person) {
    const made = document.createElement("span");
    made.className = `cq-face cq-face-${person.tone} cq-face-here`;
    made.setAttribute("aria-hidden", "true");
    made.textContent = person.initials;
    return made;
  }

  function stateShow(word) {
    const place = queue.querySelector("[data-live-state]");
    place.hidden = false;
    place.dataset.liveState = word;
    place.querySelector("[data-live-word]").textContent = WORDS[word];
  }

  // --- What happens --------------------------------------------------------------------------------------------------
  let gathering = 0;
  live.on("escalation", event => {
    asked.set(event.id, event);
    if (gathering) return;
    gathering = setTimeout(() => {
      gathering = 0;
      if (document.hidden) return; // when somebody looks again
      const events = new Map([...asked].slice(0, 200));
      for (const id of events.keys()) asked.delete(id);
      renew(events);
    }, GATHER_MS + Math.random() * GATHER_MS);
  });
  live.on("presence", event => viewersShow(event.escalation));
  live.on("state", stateShow);
  live.on("ready", () => {
    if (!first || performance.now() > 5000) lookAround();
    else timer = setTimeout(lookAround, RENEW_SECONDS * 1000);
    first = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    const events = new Map(asked);
    asked.clear();
    if (events.size) renew(events);
    lookAround();
  });
  bar.addEventListener("click", newShow);
  setTimeout(() => { if (first) lookAround(); }, 10_000); // without a websocket the page keeps up by asking

  return { all, renew: ids => renew(new Map(ids.map(id => [id, null]))), newShow };
}
