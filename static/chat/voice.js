/**
 * Speaking instead of typing: microphone, live level, cancel or accept, and a transcript in the field, to be read and
 * changed by who spoke. Nothing that was spoken is sent by itself.
 */

import { button, byId, csrfToken, element, icon, iconButton } from "./dom.js";
import { Recorder } from "./recorder.js";
import { errorText, language, say, words } from "./words.js";

const TROUBLE = () => ({
  denied: words.voiceDenied,
  missing: words.voiceMissing,
  busy: words.voiceBusy,
  insecure: words.voiceInsecure,
  failed: words.voiceFailed,
  nothing_heard: words.voiceNothing,
});
const LOUD = 0.25; // a level that fills the meter
const SPOKEN = "chat-spoken";

export class VoiceInput {
  #panel = byId("voice");
  #note = byId("spoken");
  #field = byId("field");
  #speak = byId("speak");
  #composer;
  #announce;
  #url;
  #worklet;
  #recorder = null;
  #ticking = 0;
  #spoken = []; // ids of the transcripts that went into the field, however often somebody spoke

  /** `url(path)` makes addresses beside the chat's pages, `announce(text)` tells screen readers. */
  constructor({ room, composer, url, announce }) {
    this.#composer = composer;
    this.#announce = announce;
    this.#url = url;
    this.#worklet = room.dataset.worklet;
    this.#speak.addEventListener("click", () => this.#start());
    document.addEventListener("click", (event) => event.target.closest("#upload") && this.#upload());
    this.#panel.addEventListener("keydown", (event) => event.key === "Escape" && this.#stop());
    if (composer.text.trim()) this.#spoken = JSON.parse(sessionStorage.getItem(SPOKEN) ?? "[]");
  }

  /** What a sent message says of how it came about; asked for once. */
  taken() {
    const more = this.#spoken.length ? { transcription_ids: this.#spoken } : {};
    this.forget();
    return more;
  }

  /** A message comes back into the field, with what `taken` said of it. */
  giveBack({ transcription_ids: ids = [] }) {
    this.#keep([...ids, ...this.#spoken]);
  }

  /** What was spoken is not what is in the field any more. */
  forget() {
    this.#keep([]);
    this.#note.hidden = true;
    this.#note.replaceChildren();
  }

  /** Beside the field's text, which survives a reload: what was not heard surely stays so. */
  #keep(ids) {
    this.#spoken = ids;
    sessionStorage.setItem(SPOKEN, JSON.stringify(ids));
  }

  #start() {
    const socket = this.#url("../ws/voice");
    socket.protocol = socket.protocol.replace("http", "ws");
    this.#recorder = new Recorder({
      url: socket.href,
      worklet: this.#worklet,
      on: {
        listening: (seconds) => this.#listening(seconds),
        level: (level) => this.#level(level),
        partial: (text) => this.#partial(text),
        working: () => this.#accept(),
        transcript: (frame) => this.#transcript(frame),
        failed: (code, detail) => this.#trouble(code, detail),
      },
    });
    this.#show(recording(() => this.#stop(), () => this.#accept()));
    this.#say(words.voiceStarting);
    this.#panel.querySelector(".accept").focus();
    this.#recorder.start();
  }

  #listening(seconds) {
    this.#say(words.voiceListening);
    this.#announce(words.voiceListening);
    const until = Date.now() + seconds * 1000;
    const left = this.#panel.querySelector(".left");
    const tick = () => {
      const still = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      left.textContent = say("voiceLeft", { seconds: still });
      left.classList.toggle("is-short", still <= 10);
      if (still) return;
      this.#accept();
      this.#announce(say("voiceLimit", { seconds }));
    };
    tick();
    this.#ticking = setInterval(tick, 500);
  }

  #level(level) {
    const meter = this.#panel.querySelector(".meter");
    if (!meter) return;
    const share = Math.min(1, Math.sqrt(level / LOUD));
    meter.style.setProperty("--level", share.toFixed(2));
    meter.setAttribute("aria-valuenow", String(Math.round(share * 10)));
  }

  #partial(text) {
    const partial = this.#panel.querySelector(".partial");
    if (partial && text) partial.textContent = text;
  }

  #accept() {
    clearInterval(this.#ticking);
    this.#say(words.voiceWorking);
    this.#panel.classList.add("is-working");
    this.#panel.querySelector(".accept")?.remove();
    this.#panel.querySelector(".cancel")?.focus();
    this.#recorder?.finish();
  }

  #stop() {
    this.#recorder?.cancel();
    this.#hide();
    this.#speak.focus();
  }

  #transcript(frame) {
    this.#hide();
    if (!frame.text?.trim()) {
      this.#trouble("nothing_heard");
      return;
    }
    const start = this.#composer.append(frame.text);
    this.#keep([...this.#spoken, frame.transcription_id]);
    const earlier = this.#note.querySelectorAll(".doubts");
    this.#note.replaceChildren(...earlier, ...this.#remarks(frame, start));
    this.#note.hidden = false;
  }

  /** What to do with it, which words are doubtful, and who wrote it down. */
  #remarks(frame, start) {
    const remarks = [element("p", "ready", words.voiceReady)];
    const doubtful = frame.doubtful ?? [];
    if (doubtful.length) {
      const [before, after] = words.voiceCheck.split("{words}");
      const line = element("p", "doubts", before);
      for (const { start_char: from, end_char: to } of doubtful.slice(0, 12)) {
        const heard = frame.text.slice(from, to);
        line.append(button("doubt", heard, () => this.#find(heard, start + from)), " ");
      }
      line.append(after);
      remarks.push(line);
    }
    const engine = /local|pocketsphinx/i.test(frame.model_used ?? "") ? words.voiceLocal : frame.model_used;
    if (engine) remarks.push(element("p", "fine", say("voiceBy", { engine })));
    return remarks;
  }

  /** Select a doubtful word in the field, wherever it stands by now. */
  #find(heard, expected) {
    const { text } = this.#composer;
    const at = text.startsWith(heard, expected) ? expected : text.indexOf(heard);
    if (at >= 0) this.#composer.select(at, at + heard.length);
    else this.#composer.focus();
  }

  #trouble(code, detail = "") {
    this.#hide();
    const text = TROUBLE()[code] ?? (detail || code ? errorText(code, detail) : words.voiceFailed);
    const line = element("p", "trouble", text);
    line.setAttribute("role", "alert");
    const actions = element("p", "voice-actions");
    actions.append(
      button("button quiet", words.voiceUpload, () => this.#upload()),
      button("button quiet", words.voiceDismiss, () => (this.#hide(), this.#speak.focus())),
    );
    this.#show([line, actions], { besideField: true });
    actions.firstElementChild.focus();
  }

  #upload() {
    byId("more").hidePopover?.();
    const picker = element("input");
    picker.type = "file";
    picker.accept = "audio/*";
    picker.addEventListener("change", () => picker.files[0] && this.#send(picker.files[0]));
    picker.click();
  }

  async #send(file) {
    this.#show(recording(() => this.#stop(), null));
    this.#say(words.voiceWorking);
    this.#panel.classList.add("is-working");
    const form = new FormData();
    form.append("audio", file);
    form.append("language", language);
    const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
    const answer = await fetch(this.#url("voice/"), { method: "POST", headers, body: form }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (this.#panel.hidden) return; // cancelled meanwhile
    if (answer?.ok && told) this.#transcript(told);
    else this.#trouble(told?.code ?? "failed", told?.detail);
  }

  #say(text) {
    this.#panel.querySelector(".doing").textContent = text;
  }

  #show(content, { besideField = false } = {}) {
    this.#panel.className = "voice";
    this.#panel.replaceChildren(...content);
    this.#panel.hidden = false;
    this.#field.hidden = !besideField;
  }

  #hide() {
    clearInterval(this.#ticking);
    this.#recorder = null;
    this.#panel.hidden = true;
    this.#panel.replaceChildren();
    this.#field.hidden = false;
  }
}

/** What is seen while it listens: what it does, the level, the words so far, the time left, and both ways out. */
function recording(onCancel, onAccept) {
  const meter = element("div", "meter");
  for (const [name, value] of Object.entries({ role: "meter", "aria-valuemin": 0, "aria-valuemax": 10, "aria-valuenow": 0 })) {
    meter.setAttribute(name, String(value));
  }
  meter.setAttribute("aria-label", words.voiceLevel);
  meter.append(icon("mic"), element("span", "bar"));
  const head = element("div", "voice-head");
  head.append(meter, element("p", "doing"), element("p", "left"));
  const partial = element("p", "partial");
  partial.dir = "auto";
  const actions = element("div", "voice-actions");
  const cancel = button("button quiet cancel", words.voiceCancel, onCancel);
  actions.append(cancel);
  if (onAccept) actions.append(iconButton("button accept", "check", words.voiceAccept, onAccept));
  actions.querySelector(".accept")?.append(words.voiceAccept);
  return [head, partial, actions];
}
