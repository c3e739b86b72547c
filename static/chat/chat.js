/** Puts the page together: what the server says goes to the thread, what the customer says to the outbox. */

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { byId } from "./dom.js";
import { earlierOffer } from "./history.js";
import { keptBelongsTo } from "./kept.js";
import { spokenText } from "./message.js";
import { Outbox } from "./outbox.js";
import { ratingsLoad } from "./rating.js";
import { sourcesOpen } from "./sources.js";
import { StatePanel } from "./state.js";
import { Thread } from "./thread.js";
import { VoiceInput } from "./voice.js";
import { language, words } from "./words.js";

const room = byId("chat");
let conversation = room.dataset.conversation;
let isCaughtUp = false;
let isOwed = false; // an answer
keptBelongsTo(room.dataset.mark);

const thread = new Thread({
  list: byId("thread"),
  scroll: byId("scroll"),
  newest: byId("newest"),
  earlier: byId("earlier"),
  lastSeq: Number(room.dataset.seq),
  onStop: (run) => connection.send({ type: "stop", run }),
  onAgain: (text, isEdited) => (isEdited ? composer.giveBack(text) : messageSend(text)),
});
const panel = new StatePanel({ lastRequest: () => thread.lastRequest });
const outbox = new Outbox({
  thread,
  send: (frame) => connection.send(frame),
  onEdit: (text, more) => {
    composer.giveBack(text);
    voice.giveBack(more);
  },
  conversation: () => conversation,
});
const composer = new Composer({
  form: byId("composer"),
  field: byId("text"),
  onSend: (text) => messageSend(text, voice.taken()),
  onEmpty: () => voice.forget(),
});
const voice = new VoiceInput({ room, composer, url: besideChat, announce });
const connection = new Connection({
  url: socketUrl,
  lastSeq: () => thread.lastSeq,
  isWaiting: () => isOwed || thread.isStreaming || !outbox.isEmpty,
  onFrame,
  onState,
});

stateTake(JSON.parse(byId("state-now").textContent) ?? { status: "open" });
outbox.restore();
byId("person").addEventListener("click", personAsk);
sourcesOpen(room, byId("source"));
earlierOffer({
  button: byId("earlier"),
  thread,
  url: (before) => `${pageOf(conversation)}messages/?before=${before}`,
  say: bannerShow,
});
if (conversation) ratingsLoad(`${pageOf(conversation)}ratings/`);

/** An address beside the chat's pages, which may stand below another path in a frame. */
function besideChat(path) {
  return new URL(path, new URL(room.dataset.chatUrl, location.href));
}

function socketUrl() {
  const url = besideChat("../ws/chat");
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("mark", room.dataset.mark); // who is somebody else by now says nothing for who was here
  if (conversation) url.searchParams.set("conversation", conversation);
  else url.searchParams.set("new", "1");
  return url.href;
}

function messageSend(text, more = {}) {
  isOwed = true;
  outbox.add(text, more);
}

/** Once a person is called there is nothing more to press: say again what happens next. */
function personAsk() {
  if (byId("person").getAttribute("aria-disabled") === "true") announceText(byId("panel").textContent);
  else messageSend(words.askForPerson);
}

function onFrame(frame) {
  const handlers = {
    accepted: onAccepted,
    message: onMessage,
    conversation: stateTake,
    resumed: onResumed,
    status: () => statusShow(language === "en" ? frame.text : frame.text && words.lookingInto),
    delta: onDelta,
    retract: () => thread.retract(frame.run),
    error: () => frame.client_id && outbox.refused(frame.client_id, frame.code, frame.detail),
  };
  handlers[frame.type]?.(frame);
}

function onAccepted(frame) {
  outbox.accepted(frame.client_id, frame.conversation_id === conversation ? frame.seq : 0);
  if (frame.conversation_id === conversation) return;
  if (conversation) location.assign(pageOf(frame.conversation_id)); // it went on elsewhere
  else adopt(frame.conversation_id, frame.reference);
}

function onMessage(frame) {
  if (frame.client_id) outbox.accepted(frame.client_id);
  const result = thread.put(frame);
  if (result === "gap") connection.resumeSoon();
  if (result !== "shown" || frame.author === "customer") return;
  isOwed = false;
  statusShow("");
  if (isCaughtUp) announce(frame);
}

function onResumed(frame) {
  isCaughtUp = frame.seq <= thread.lastSeq;
  if (!isCaughtUp) connection.resumeSoon(); // something of it was lost on the way
  thread.streamsExpire();
}

function onDelta(frame) {
  statusShow("");
  thread.stream(frame.run, frame.text, frame.part);
}

/** `is_pending` comes with the answer to what is new: an answer is owed, though nobody may have told so since. */
function stateTake(frame) {
  const change = panel.show(frame);
  if (change) announceText(change);
  if (frame.is_pending === undefined) return;
  isOwed = frame.is_pending;
  if (!isOwed) statusShow("");
  else if (frame.status === "open" && !thread.isStreaming) statusShow(words.lookingInto);
}

function onState(state, code) {
  isCaughtUp = false;
  if (state === "ready") {
    bannerShow("");
    outbox.flush();
  } else if (state === "waiting") {
    bannerShow(words.offline);
    statusShow("");
    outbox.pause();
  } else if (state === "refused") {
    onRefused(code);
  }
}

/** Another page of this browser signed in or out, or the session ended: load again, once, as who we are now. */
function onRefused(code) {
  outbox.pause();
  const last = Number(sessionStorage.getItem("chat-reloaded"));
  if (code !== 4401) bannerShow(words.closed);
  else if (Date.now() - last < 15_000) bannerShow(words.cookies);
  else {
    sessionStorage.setItem("chat-reloaded", Date.now());
    setTimeout(() => location.reload(), 2000); // not before the other page has its new cookie
  }
}

/** The first message has made a conversation: give the page its address and its name. */
function adopt(id, reference) {
  conversation = id;
  history.replaceState(null, "", pageOf(id));
  byId("reference").hidden = false;
  byId("number").textContent = reference;
  surroundingsRefresh();
}

/** The conversation has got its name: show it in the title, in the list of conversations and in what can be done. */
async function surroundingsRefresh() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return; // they are right again after the next reload
  const text = (await answer.text()).replace(/<style\b[^]*?<\/style>/g, ""); // whose nonce is not this page's
  const page = new DOMParser().parseFromString(text, "text/html");
  byId("conversations").replaceWith(page.getElementById("conversations"));
  byId("more").replaceChildren(...page.getElementById("more").childNodes);
  byId("title").textContent = page.getElementById("title").textContent;
  byId("text").placeholder = page.getElementById("text").placeholder;
  document.title = page.title;
}

function pageOf(id) {
  return `${room.dataset.chatUrl}${id}/`;
}

function statusShow(text) {
  byId("status").hidden = !text;
  byId("status-text").textContent = text;
  if (text) thread.follow();
}

function bannerShow(text) {
  byId("banner").hidden = !text;
  byId("banner").textContent = text;
}

/** Screen readers hear finished messages, not the pieces they came in. */
function announce(frame) {
  announceText(spokenText(frame));
}

function announceText(text) {
  byId("announcer").textContent = text;
}
