/**
 * One recording on its way to the recogniser: microphone, worklet, websocket. Says what happens through `on`:
 * `listening(seconds)`, `level(0…1)`, `partial(text)`, `working()`, `transcript(frame)`, `failed(code, detail)`. Ends once.
 */

import { language } from "./words.js";

const PATIENCE = 20_000; // for the transcript once all was said
const BUFFERED = 100; // pieces kept until the recogniser is ready: ten seconds

export class Recorder {
  #on;
  #url;
  #worklet;
  #waiting = [];
  #isReady = false;
  #isOver = false;
  #isDone = false;
  #socket;
  #stream;
  #audio;
  #timer;

  constructor({ url, worklet, on }) {
    this.#url = url;
    this.#worklet = worklet;
    this.#on = on;
  }

  /** Ask for the microphone and begin. Failures are told, not thrown. */
  async start() {
    if (!navigator.mediaDevices?.getUserMedia) return this.#fail("insecure");
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
      });
      if (this.#isOver) return this.#release(); // cancelled while the browser asked
      await this.#listen();
      this.#connect();
    } catch (error) {
      this.#fail({ NotAllowedError: "denied", NotFoundError: "missing", NotReadableError: "busy" }[error.name] ?? "failed");
    }
  }

  /** All is said: wait for its transcript. */
  finish() {
    if (this.#isDone || this.#isOver) return;
    this.#isDone = true;
    this.#release();
    this.#timer = setTimeout(() => this.#fail("failed"), PATIENCE);
    if (this.#isReady) this.#tell({ type: "end" });
  }

  /** The recogniser has all it takes: it may have ended the recording by itself. */
  #complete() {
    if (this.#isDone) return;
    this.finish();
    this.#on.working();
  }

  /** Forget it all. */
  cancel() {
    if (this.#isReady) this.#tell({ type: "cancel" });
    this.#end();
  }

  async #listen() {
    this.#audio = new AudioContext();
    await this.#audio.audioWorklet.addModule(this.#worklet);
    const source = this.#audio.createMediaStreamSource(this.#stream);
    const pieces = new AudioWorkletNode(this.#audio, "downsampler", { numberOfOutputs: 0 });
    pieces.port.addEventListener("message", ({ data }) => this.#piece(data));
    pieces.port.start();
    source.connect(pieces);
    for (const track of this.#stream.getTracks()) track.addEventListener("ended", () => this.finish());
  }

  #piece({ samples, level }) {
    if (this.#isDone || this.#isOver) return;
    this.#on.level(level);
    if (this.#isReady) this.#socket.send(samples);
    else if (this.#waiting.push(samples) > BUFFERED) this.#fail("failed");
  }

  #connect() {
    this.#socket = new WebSocket(this.#url);
    this.#socket.addEventListener("open", () => this.#tell({ type: "start", language }));
    this.#socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(data)));
    this.#socket.addEventListener("close", () => this.#fail("failed"));
  }

  #heard(frame) {
    if (this.#isOver) return;
    if (frame.type === "ready") this.#ready(frame);
    else if (frame.type === "transcribing") this.#complete();
    else if (frame.type === "partial") this.#on.partial(frame.text);
    else if (frame.type === "error") this.#fail(frame.code, frame.detail);
    else if (frame.type === "transcript") {
      this.#end();
      this.#on.transcript(frame);
    }
  }

  #ready(frame) {
    this.#isReady = true;
    for (const samples of this.#waiting) this.#socket.send(samples);
    this.#waiting = [];
    if (this.#isDone) this.#tell({ type: "end" });
    else this.#on.listening(frame.max_seconds ?? 60);
  }

  #tell(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #fail(code, detail = "") {
    if (this.#isOver) return;
    this.#end();
    this.#on.failed(code, detail);
  }

  #end() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#release();
    this.#socket?.close();
  }

  #release() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#audio?.close().catch(() => {});
    this.#audio = null;
  }
}
