/**
 * The websocket, kept alive: reconnects with growing pauses, notices a dead line, asks for what it missed.
 *
 * Calls `onFrame(frame)` for every frame and `onState(state, code)` with "connecting", "ready", "waiting" (until the
 * next try) or "refused" (no further tries; `code` is 4000 and the HTTP status).
 */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
const GAP_PAUSE = 250;
const QUIET = 20_000; // without a frame for so long: ask whether anything is new
const QUIET_WAITING = 5_000; // the same while an answer is owed
const PATIENCE = 10_000; // for the answer to that
const FINAL = new Set([4401, 4403, 4404]);

export class Connection {
  #url;
  #onFrame;
  #onState;
  #socket = null;
  #pause = FIRST_PAUSE;
  #retry = 0;
  #quiet = 0;
  #gap = null;
  #isReady = false;
  #isWaiting;

  /**
   * `url()` is asked for at every try, `lastSeq()` for every question what is new; `isWaiting()` says that something is
   * expected soon.
   */
  constructor({ url, lastSeq, isWaiting = () => false, onFrame, onState }) {
    this.#url = url;
    this.#isWaiting = isWaiting;
    this.lastSeq = lastSeq;
    this.#onFrame = onFrame;
    this.#onState = onState;
    window.addEventListener("online", () => this.#now());
    window.addEventListener("offline", () => this.#socket?.close());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
    this.#open();
  }

  /** Send a frame; false when there is no line for it now. */
  send(frame) {
    if (!this.#isReady || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Ask for every message after the last one the page has. */
  resume() {
    this.send({ type: "resume", last_seq: this.lastSeq() });
  }

  /** The same for a page that has just seen a gap; however many it sees, the question is asked once. */
  resumeSoon() {
    this.#gap ??= setTimeout(() => {
      this.#gap = null;
      this.resume();
    }, GAP_PAUSE);
  }

  #open() {
    this.#onState("connecting");
    const socket = (this.#socket = new WebSocket(this.#url()));
    socket.addEventListener("message", (event) => this.#heard(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#lost(event.code));
    this.#listen(PATIENCE);
  }

  #heard(frame) {
    this.#listen(this.#isWaiting() ? QUIET_WAITING : QUIET);
    if (frame.type === "ready") {
      this.#isReady = true;
      this.#pause = FIRST_PAUSE;
      this.resume();
      this.#onState("ready");
    }
    this.#onFrame(frame);
  }

  /** Expect a frame within `time`; after a quiet time ask for one, and give the line up when even that stays without answer. */
  #listen(time) {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      if (time !== PATIENCE && this.#isReady) {
        this.resume();
        this.#listen(PATIENCE);
      } else {
        this.#socket.close();
        this.#lost();
      }
    }, time);
  }

  #lost(code) {
    clearTimeout(this.#quiet);
    this.#socket = null;
    this.#isReady = false;
    if (FINAL.has(code)) {
      this.#onState("refused", code);
      return;
    }
    this.#onState("waiting");
    this.#retry = setTimeout(() => this.#again(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  /** Without a network only the "online" event is worth a try. */
  #again() {
    if (navigator.onLine) this.#open();
  }

  #now() {
    if (this.#socket) return;
    clearTimeout(this.#retry);
    this.#pause = FIRST_PAUSE;
    this.#open();
  }

  /** Timers sleep in hidden pages: look at once whether the line still holds. */
  #wake() {
    if (!this.#isReady) {
      if (!this.#socket && this.#retry) this.#now();
      return;
    }
    this.resume();
    this.#listen(PATIENCE);
  }
}
