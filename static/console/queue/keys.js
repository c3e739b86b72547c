// The queue by keyboard. A case is chosen by having the focus on its title, so that Enter, Tab and screen readers work as
// everywhere else. Single keys rest while somebody types, and for good when the reader switches them off.

const KEPT = "cq-keys-off";
const PATIENCE = 5000;

export function keysStart(queue, { say, selection, rows }) {
  const help = queue.querySelector("[data-help]");
  const search = queue.querySelector("[data-search]");
  const mayWork = "mayWork" in queue.dataset;
  const mayAssign = "mayAssign" in queue.dataset;
  let warned = "";

  const current = () => document.activeElement?.closest?.("tr[data-id]") ?? null;
  const isOn = () => localStorage.getItem(KEPT) !== "1";

  function move(step) {
    const all = rows.all();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
    const title = all[next].querySelector("[data-open]");
    title.focus({ preventScroll: true });
    all[next].scrollIntoView({ block: "nearest" });
  }

  async function assign() {
    const row = current(), chosen = selection.ids();
    const ids = chosen.length ? chosen : row && !row.classList.contains("cq-q-gone") ? [row.dataset.id] : [];
    if (!ids.length) { say("Choose a case first, with J or K."); return; }
    const theirs = row && !chosen.length && row.dataset.assignee && !row.classList.contains("cq-q-mine");
    if (theirs && !mayAssign) { tell(row, "a colleague has it: open it and take it over there"); return; }
    if (theirs && warned !== row.dataset.id) {
      warned = row.dataset.id;
      setTimeout(() => { warned = ""; }, PATIENCE);
      tell(row, "a colleague has it: press A again to take it over");
      return;
    }
    const form = new FormData(queue.querySelector("[data-act]"));
    const body = new URLSearchParams({ do: "assign", assignee: "me", csrfmiddlewaretoken: form.get("csrfmiddlewaretoken") });
    for (const id of ids) body.append("e", id);
    let done;
    try {
      const answer = await fetch(queue.dataset.actUrl, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
      done = await answer.json();
      say(answer.ok ? [done.told, ...done.refused].join(" ") : done.detail);
      if (!answer.ok) { if (row) tell(row, done.detail); return; }
    } catch {
      say("That did not work. Try again.");
      if (row) tell(row, "that did not work; try again");
      return;
    }
    selection.clear();
    await rows.renew(ids);
    refusedShow(done.refused);
  }

  /** Each refusal in its row, which it names first. */
  function refusedShow(refused) {
    for (const row of rows.all()) {
      const named = `${row.querySelector(".cq-q-ref").textContent}: `;
      const told = refused.find(words => words.startsWith(named));
      if (told) row.querySelector("[data-note]").textContent = told.slice(named.length);
    }
  }

  function tell(row, words) {
    row.querySelector("[data-note]").textContent = words;
    say(words);
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    Enter: () => current()?.querySelector("[data-open]").click(),
    x: () => mayWork && selection.toggle(current()),
    a: () => mayWork && assign(),
    n: () => mayWork && queue.querySelector("[data-next]")?.requestSubmit(),
    r: () => rows.newShow(),
    "/": () => { search.focus(); search.select(); },
    "?": () => help.showModal(),
    Escape: () => selection.clear(),
  };

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    const at = event.target;
    if (at === search && event.key === "Escape") { search.blur(); return; }
    if (at.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isSingle = event.key.length === 1;
    if (!(key in keys) || (isSingle && !isOn() && key !== "?")) return;
    if (key === "Enter" && !at.matches?.("input[name=e]")) return; // a link or a button knows what Enter means
    event.preventDefault();
    keys[key]();
  });

  // --- The sheet -----------------------------------------------------------------------------------------------------
  const open = queue.querySelector("[data-help-open]");
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
  help.querySelector("[data-help-close]").addEventListener("click", () => help.close());
  help.addEventListener("click", event => { if (event.target === help) help.close(); });
  const on = help.querySelector("[data-keys-on]");
  on.checked = isOn();
  on.addEventListener("change", () => localStorage.setItem(KEPT, on.checked ? "0" : "1"));
}
