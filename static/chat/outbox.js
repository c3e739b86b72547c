/**
 * Messages the server has not accepted yet. Each keeps its own id, so that sending it twice is saying it once; they
 * survive a reload of the page.
 */

import { errorText, words } from "./words.js";

const KEPT = "chat-outbox";

export class Outbox {
  #waiting = new Map();
  #elsewhere = []; // kept of other conversations, until the page shows theirs
  #send;
  #thread;
  #onEdit;
  #conversation;

  /**
   * `send(frame)` answers whether there was a line; `onEdit(text, more)` gives a refused text back to its writer;
   * `conversation()` is the one that the page shows.
   */
  constructor({ send, thread, onEdit, conversation }) {
    this.#send = send;
    this.#thread = thread;
    this.#onEdit = onEdit;
    this.#conversation = conversation;
  }

  /** Whether something has not reached the server. */
  get isEmpty() {
    return this.#waiting.size === 0;
  }

  /** What an earlier life of this page has not got rid of. */
  restore() {
    for (const kept of keptRead()) {
      if (kept.conversation && kept.conversation !== this.#conversation()) this.#elsewhere.push(kept);
      else this.#enter(kept);
    }
    this.#keep();
  }

  /** `more` are further fields of the frame. */
  add(text, more = {}) {
    const clientId = crypto.randomUUID?.() ?? `c-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const entry = this.#enter({ clientId, text, more, conversation: this.#conversation() });
    this.#keep();
    this.#try(entry);
  }

  /** The line is back: send again whatever was not accepted. */
  flush() {
    for (const entry of this.#waiting.values()) if (!entry.failed) this.#try(entry);
  }

  /** The line is gone. */
  pause() {
    for (const entry of this.#waiting.values()) if (!entry.failed) this.#markWaiting(entry);
  }

  /** The server has it as number `seq`. */
  accepted(clientId, seq = 0) {
    const entry = this.#take(clientId);
    if (entry) this.#thread.settle(entry.item, seq);
  }

  refused(clientId, code, detail) {
    const entry = this.#waiting.get(clientId);
    if (!entry) return;
    if (code.startsWith("transcription_") && entry.more.transcription_ids) {
      entry.more = {}; // the words count, wherever they came from
      this.#try(entry);
      return;
    }
    entry.failed = true;
    this.#thread.markPending(entry.item, "failed", errorText(code, detail), [
      [words.tryAgain, () => this.#try(entry)],
      [words.edit, () => this.#giveBack(entry)],
    ]);
  }

  #enter({ clientId, text, more = {}, conversation }) {
    const entry = { clientId, text, more, conversation, item: this.#thread.putPending(clientId, text) };
    this.#waiting.set(clientId, entry);
    this.#markWaiting(entry);
    return entry;
  }

  #try(entry) {
    entry.failed = false;
    const sent = this.#send({ type: "message", client_id: entry.clientId, text: entry.text, ...entry.more });
    if (sent) this.#thread.markPending(entry.item, "sending", words.sending);
    else this.#markWaiting(entry);
  }

  #markWaiting(entry) {
    this.#thread.markPending(entry.item, "waiting", words.waiting, [[words.edit, () => this.#giveBack(entry)]]);
  }

  #giveBack(entry) {
    this.#take(entry.clientId);
    entry.item.remove();
    this.#onEdit(entry.text, entry.more);
  }

  #take(clientId) {
    const entry = this.#waiting.get(clientId);
    this.#waiting.delete(clientId);
    this.#keep();
    return entry;
  }

  #keep() {
    const plain = ({ clientId, text, more, conversation }) => ({ clientId, text, more, conversation });
    const waiting = [...this.#waiting.values()].map(plain);
    sessionStorage.setItem(KEPT, JSON.stringify([...this.#elsewhere, ...waiting]));
  }
}

function keptRead() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  } catch {
    return [];
  }
}
