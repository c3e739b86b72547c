// The thread: opens where the customer waits, loads earlier messages when they are wanted, takes new ones in.

import { ask, button, byId, fragment, partAddress, tell } from "./case_dom.js";

const NEAR_THE_END = 60; // pixels

export function thread(page) {
  const box = byId("thread");
  const asking = box.querySelector(".cq-asks"); // the first message that waits for an answer, else the last of all
  box.scrollTop = asking ? asking.getBoundingClientRect().top - box.getBoundingClientRect().top - 30 : box.scrollHeight;
  box.querySelector("[data-earlier]")?.addEventListener("click", (event) => {
    event.preventDefault();
    earlierLoad(page, box).catch((error) => tell(error.message, { tone: "bad" }));
  });
}

async function earlierLoad(page, box) {
  const answer = await ask(partAddress(page, "thread", { before: box.dataset.first }));
  const more = fragment(await answer.text());
  const left = Number(answer.headers.get("X-Earlier"));
  const button = byId("earlier");
  const first = more.querySelector("[data-seq]");
  const height = box.scrollHeight;
  dayJoin([...more.querySelectorAll(".cq-day")].at(-1), box.querySelector(".cq-day"));
  box.dataset.first = first?.dataset.seq ?? box.dataset.first;
  button.after(more);
  if (left) button.firstElementChild.textContent = `${left} earlier message${left === 1 ? "" : "s"}`;
  else button.remove();
  box.scrollTop += box.scrollHeight - height; // what was read stays where it is
  if (!left) first?.scrollIntoView({ block: "nearest" });
}

/** What came after the newest message that is shown; the elements that were added. */
export async function newerLoad(page) {
  const answer = await ask(partAddress(page, "thread", { after: page.dataset.newest }));
  return append(page, fragment(await answer.text()));
}

/** Add messages at the end, each once. The reader stays where they are, unless that is the end. */
export function append(page, more) {
  const box = byId("thread");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_THE_END;
  for (const one of more.querySelectorAll("[data-seq]")) if (byId(one.id)) one.remove();
  const added = [...more.querySelectorAll("[data-seq]")];
  if (!added.length) return [];
  dayJoin([...box.querySelectorAll(".cq-day")].at(-1), more.querySelector(".cq-day"));
  box.querySelector(".cq-empty")?.remove();
  box.append(more);
  page.dataset.newest = Math.max(Number(page.dataset.newest), ...added.map((one) => Number(one.dataset.seq)));
  if (atEnd) box.scrollTop = box.scrollHeight;
  return added;
}

/** Say it when the customer is among those who wrote `added`, with what makes it read; whether they are. */
export function customerWroteTell(page, added) {
  const theirs = added.filter((one) => one.classList.contains("cq-customer"));
  if (!theirs.length) return false;
  const seen = page.dataset.newest; // nobody says of what comes later that they have read it
  const show = showButton(theirs.at(-1));
  const read = button("I have read it", () => {
    for (const one of document.querySelectorAll("input[name=known_seq]")) one.value = seen;
    byId("news").hidden = true;
    byId("reply-text")?.focus();
  }, "cq-primary");
  tell("The customer has written again. Read it before you send.", {
    tone: "warn", stays: true, about: "customer", buttons: byId("known-seq") ? [show, read] : [show],
  });
  return true;
}

export const showButton = (message) => button("Show", () => message.scrollIntoView({ block: "center" }));

/** Messages of one day have one line above them: the later of two goes. */
function dayJoin(earlier, later) {
  if (earlier && later && earlier.dataset.day === later.dataset.day) later.remove();
}
