/** Messages the server has not accepted yet. Each keeps its own id, so that sending it twice is saying it once. */

import { words } from "./words.js";

export class Outbox {
  #waiting = new Map();
  #send;
  #thread;
  #onEdit;

  /** `send(frame)` answers whether there was a line; `onEdit(text)` gives a refused text back to its writer. */
  constructor({ send, thread, onEdit }) {
    this.#send = send;
    this.#thread = thread;
    this.#onEdit = onEdit;
  }

  add(text) {
    const clientId = crypto.randomUUID?.() ?? `c-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const entry = { clientId, text, item: this.#thread.putPending(clientId, text) };
    this.#waiting.set(clientId, entry);
    this.#try(entry);
  }

  /** The line is back: send again whatever was not accepted. */
  flush() {
    for (const entry of this.#waiting.values()) if (!entry.failed) this.#try(entry);
  }

  /** The line is gone. */
  pause() {
    for (const entry of this.#waiting.values()) {
      if (!entry.failed) this.#thread.markPending(entry.item, "waiting", words.waiting);
    }
  }

  accepted(clientId) {
    const entry = this.#waiting.get(clientId);
    if (!entry) return;
    this.#waiting.delete(clientId);
    this.#thread.markPending(entry.item, "sent");
  }

  refused(clientId, detail) {
    const entry = this.#waiting.get(clientId);
    if (!entry) return;
    entry.failed = true;
    this.#thread.markPending(entry.item, "failed", detail, [
      [words.tryAgain, () => this.#try(entry)],
      [words.edit, () => this.#giveBack(entry)],
    ]);
  }

  #try(entry) {
    entry.failed = false;
    const sent = this.#send({ type: "message", client_id: entry.clientId, text: entry.text });
    this.#thread.markPending(entry.item, sent ? "sending" : "waiting", sent ? words.sending : words.waiting);
  }

  #giveBack(entry) {
    this.#waiting.delete(entry.clientId);
    entry.item.remove();
    this.#onEdit(entry.text);
  }
}
