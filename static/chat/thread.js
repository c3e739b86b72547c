/** The messages on the page: in order of their numbers, each once; below them what is on its way. */

import { draftElement, element, messageElement, messageEnliven } from "./message.js";
import { words } from "./words.js";

export class Thread {
  #list;
  #scroll;
  #newest;
  #streams = new Map();
  #isAtEnd = true; // as the reader left it; asked before a change moves it

  #onStop;

  /** `lastSeq` is the newest message on the page, with nothing missing before it; `onStop(run)` ends a reply. */
  constructor({ list, scroll, newest, lastSeq, onStop }) {
    this.#onStop = onStop;
    this.#list = list;
    this.#scroll = scroll;
    this.#newest = newest;
    this.lastSeq = lastSeq;
    for (const item of list.children) messageEnliven(item);
    this.toEnd();
    this.#watchScrolling();
  }

  /** Take in a `message` frame. Returns "shown", "known" (it is on the page already) or "gap" (one before it is missing). */
  put(frame) {
    if (frame.seq <= this.lastSeq) return "known";
    if ((frame.previous_seq ?? frame.seq - 1) > this.lastSeq) return "gap";
    this.#keepAtEnd(() => {
      if (frame.author !== "customer") this.#endStreams();
      this.#place(messageElement(frame), frame.client_id);
    });
    this.lastSeq = frame.seq;
    return "shown";
  }

  /** A message of our own, before the server has it. */
  putPending(clientId, text) {
    const item = draftElement("customer", text);
    item.dataset.clientId = clientId;
    item.append(element("p", "after"));
    this.#list.append(item);
    this.toEnd();
    return item;
  }

  /** Say below a pending message how it stands: sending, waiting, failed or sent. */
  markPending(item, state, text = "", actions = []) {
    item.classList.toggle("is-sending", state === "sending" || state === "waiting");
    item.classList.toggle("is-failed", state === "failed");
    const line = item.querySelector(".after");
    line.replaceChildren(text, ...actions.map(([label, act]) => actionButton(label, act)));
  }

  /** The next piece of a reply that is being written. */
  stream(run, text) {
    this.#keepAtEnd(() => {
      const item = this.#streams.get(run) ?? this.#startStream(run);
      const plain = item.querySelector(".plain");
      plain.textContent = joined(plain.textContent, text);
    });
  }

  /** Take back what `run` has written so far. */
  retract(run) {
    const item = this.#streams.get(run);
    if (!item) return;
    this.#streams.delete(run);
    const isStopped = item.classList.contains("is-stopped");
    item.replaceWith(draftElement("system", isStopped ? words.stopped : words.withdrawn));
  }

  /** Keep the end in view while `change` alters what stands above it, if it was in view. */
  #keepAtEnd(change) {
    change();
    if (this.#isAtEnd) this.toEnd();
    else this.#newest.hidden = false;
  }

  /** Something below the messages has appeared: keep it in view for who reads the end. */
  follow() {
    if (this.#isAtEnd) this.toEnd();
  }

  toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #place(item, clientId) {
    if (clientId) this.#list.querySelector(`[data-client-id="${CSS.escape(clientId)}"]`)?.remove();
    this.#list.insertBefore(item, this.#list.querySelector(":scope > .is-streaming, :scope > [data-client-id]"));
  }

  #startStream(run) {
    const item = draftElement("assistant", "");
    item.classList.add("is-streaming");
    const line = element("p", "after");
    line.append(actionButton(words.stop, () => this.#stop(run, item)));
    item.append(line);
    this.#list.append(item);
    this.#streams.set(run, item);
    return item;
  }

  #stop(run, item) {
    item.classList.add("is-stopped");
    item.querySelector(".after").textContent = words.stopping;
    this.#onStop(run);
  }

  #endStreams() {
    for (const item of this.#streams.values()) item.remove();
    this.#streams.clear();
  }

  #watchScrolling() {
    this.#newest.addEventListener("click", () => this.toEnd());
    this.#scroll.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
      this.#isAtEnd = scrollHeight - scrollTop - clientHeight < 80;
      if (this.#isAtEnd) this.#newest.hidden = true;
    });
    new ResizeObserver(() => this.follow()).observe(this.#scroll);
  }
}

function joined(before, after) {
  const apart = before && !/\s$/.test(before) && !/^\s/.test(after);
  return before + (apart ? " " : "") + after;
}

function actionButton(label, act) {
  const button = element("button", "link", label);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}
