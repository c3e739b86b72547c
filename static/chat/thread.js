/** The messages on the page: in order of their numbers, each once; below them what is on its way. */

import { daysMark } from "./days.js";
import { button, element } from "./dom.js";
import { draftElement, messageElement, messageEnliven } from "./message.js";
import { words } from "./words.js";

const MOST = 200; // messages kept on the page while its end is read; earlier ones can be asked for again
const KEPT = 150;
const SILENT = 20_000; // a reply of which nothing more was heard so long, though the line holds, will not go on

export class Thread {
  #list;
  #scroll;
  #newest;
  #earlier;
  #streams = new Map();
  #isAtEnd = true; // as the reader left it; asked before a change moves it
  #onStop;
  #onAgain;

  /**
   * `lastSeq` is the newest message on the page, with nothing missing before it. `onStop(run)` ends a reply,
   * `onAgain(text, isEdited)` asks something a second time.
   */
  constructor({ list, scroll, newest, earlier, lastSeq, onStop, onAgain }) {
    this.#onStop = onStop;
    this.#onAgain = onAgain;
    this.#list = list;
    this.#scroll = scroll;
    this.#newest = newest;
    this.#earlier = earlier;
    this.lastSeq = lastSeq;
    for (const item of list.children) messageEnliven(item);
    daysMark(list);
    this.#offerAgain();
    this.toEnd();
    this.#watchScrolling();
  }

  /** The number of the first message on the page; 0 when there is none. */
  get firstSeq() {
    return Number(this.#list.querySelector("[data-seq]")?.dataset.seq ?? 0);
  }

  /** Whether something is being written. */
  get isStreaming() {
    return this.#streams.size > 0;
  }

  /** By which the last answer on the page can be rated; empty when there is none. */
  get lastRequest() {
    return [...this.#list.querySelectorAll("[data-request]")].at(-1)?.dataset.request ?? "";
  }

  /** Take in a `message` frame. Returns "shown", "known" (it is on the page already) or "gap" (one before it is missing). */
  put(frame) {
    if (frame.seq <= this.lastSeq) return "known";
    if ((frame.previous_seq ?? frame.seq - 1) > this.lastSeq) return "gap";
    this.#keepAtEnd(() => {
      if (frame.author !== "customer") this.#endStreams();
      this.#place(messageElement(frame), frame.client_id);
      this.#trim();
    });
    this.lastSeq = frame.seq;
    return "shown";
  }

  /** Put earlier messages above those on the page; what is being read stays where it is. */
  putBefore(frames) {
    const { scrollHeight, scrollTop } = this.#scroll;
    this.#list.prepend(...frames.map(messageElement));
    daysMark(this.#list);
    this.#scroll.scrollTop = scrollTop + this.#scroll.scrollHeight - scrollHeight;
  }

  /** A message of our own, before the server has it. */
  putPending(clientId, text) {
    const item = draftElement("customer", text);
    item.dataset.clientId = clientId;
    item.append(element("p", "after"));
    this.#list.append(item);
    daysMark(this.#list);
    this.#offerAgain();
    this.toEnd();
    return item;
  }

  /** Say below a pending message how it stands: sending, waiting, failed or sent. */
  markPending(item, state, text = "", actions = []) {
    item.classList.toggle("is-sending", state === "sending" || state === "waiting");
    item.classList.toggle("is-failed", state === "failed");
    const line = item.querySelector(".after");
    line.replaceChildren(text, ...actions.map(([label, act]) => button("link", label, act)));
  }

  /** The server has it as number `seq`: when that stands on the page already, the pending one goes. */
  settle(item, seq) {
    this.markPending(item, "sent");
    if (seq && seq <= this.lastSeq) item.remove();
    daysMark(this.#list);
  }

  /** The next piece of a reply that is being written; `part` counts them, and a missing one is shown as missing. */
  stream(run, text, part = 0) {
    this.#keepAtEnd(() => {
      const item = this.#streams.get(run) ?? this.#startStream(run);
      const plain = item.querySelector(".plain");
      const isMissing = part && part !== Number(item.dataset.part ?? 0) + 1;
      plain.textContent = joined(plain.textContent, `${isMissing ? "… " : ""}${unmarked(text)}`);
      Object.assign(item.dataset, { part, heard: Date.now() });
    });
  }

  /** Take back what `run` has written so far. */
  retract(run) {
    const item = this.#streams.get(run);
    if (!item) return;
    this.#streams.delete(run);
    this.#keepAtEnd(() => item.replaceWith(this.#takenBack(item.classList.contains("is-stopped"))));
  }

  /** Take back replies that stopped in the middle without a word, as when that word was lost. */
  streamsExpire() {
    for (const [run, item] of this.#streams) {
      if (Date.now() - Number(item.dataset.heard) > SILENT) this.retract(run);
    }
  }

  /** Keep the end in view while `change` alters what stands above it, if it was in view. */
  #keepAtEnd(change) {
    change();
    daysMark(this.#list);
    this.#offerAgain();
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

  /** Who reads the end of a long thread does not carry all of it. */
  #trim() {
    const messages = this.#list.querySelectorAll(":scope > [data-seq]");
    if (!this.#isAtEnd || messages.length <= MOST) return;
    for (const old of [...messages].slice(0, messages.length - KEPT)) old.remove();
    this.#earlier.hidden = false;
  }

  /** The customer's last message can be asked again in other words. */
  #offerAgain() {
    for (const old of this.#list.querySelectorAll(".again")) old.remove();
    const last = [...this.#list.querySelectorAll(":scope > .from-customer[data-seq]:not(.is-mail)")].at(-1);
    if (!last) return;
    const line = element("p", "again");
    line.append(button("link", words.editAndAsk, () => this.#onAgain(textOf(last), true)));
    last.append(line);
  }

  #takenBack(isStopped) {
    const line = draftElement("system", isStopped ? words.stopped : words.withdrawn);
    const last = [...this.#list.querySelectorAll(".from-customer")].at(-1);
    if (isStopped && last) {
      const actions = element("p", "after");
      actions.append(button("link", words.askAgain, () => (line.remove(), this.#onAgain(textOf(last), false))));
      line.append(actions);
    }
    return line;
  }

  #startStream(run) {
    const item = draftElement("assistant", "");
    item.classList.add("is-streaming");
    const line = element("p", "after");
    line.append(button("button quiet stop", words.stop, () => this.#stop(run, item)));
    item.append(line);
    this.#list.append(item);
    this.#streams.set(run, item);
    return item;
  }

  #stop(run, item) {
    item.classList.add("is-stopped");
    item.querySelector(".after").textContent = words.stopping;
    item.dataset.heard = Date.now();
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

const textOf = (item) => item.querySelector(".plain").textContent;

/** A piece of Markdown without its marks: what is stored takes its place in a moment, formatted. */
function unmarked(text) {
  return text.replace(/\*\*([^*\n]+)\*\*/g, "$1").replace(/^(\s*)[-*] /gm, "$1• ");
}

function joined(before, after) {
  const apart = before && !/\s$/.test(before) && !/^\s/.test(after);
  const isItem = /^\s*(•|\d+\.)/.test(after);
  return before + (apart ? (isItem ? "\n" : " ") : "") + after;
}
