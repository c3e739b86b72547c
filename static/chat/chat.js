/** Puts the page together: what the server says goes to the thread, what the customer says to the outbox. */

import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { spokenText } from "./message.js";
import { Outbox } from "./outbox.js";
import { sourcesOpen } from "./sources.js";
import { Thread } from "./thread.js";
import { words } from "./words.js";

const byId = (id) => document.getElementById(id);
const room = byId("chat");
let conversation = room.dataset.conversation;
let isCaughtUp = false;

const thread = new Thread({
  list: byId("thread"),
  scroll: byId("scroll"),
  newest: byId("newest"),
  lastSeq: Number(room.dataset.seq),
  onStop: (run) => connection.send({ type: "stop", run }),
});
const outbox = new Outbox({
  thread,
  send: (frame) => connection.send(frame),
  onEdit: (text) => composer.giveBack(text),
});
const composer = new Composer({ form: byId("composer"), field: byId("text"), onSend: (text) => outbox.add(text) });
const connection = new Connection({ url: socketUrl, lastSeq: () => thread.lastSeq, onFrame, onState });

byId("person").addEventListener("click", () => outbox.add(words.askForPerson));
sourcesOpen(room, byId("source"));

function socketUrl() {
  const url = new URL("../ws/chat", new URL(room.dataset.chatUrl, location.href)); // beside the pages, in a frame too
  url.protocol = url.protocol.replace("http", "ws");
  if (conversation) url.searchParams.set("conversation", conversation);
  else url.searchParams.set("new", "1");
  return url.href;
}

function onFrame(frame) {
  const handlers = {
    accepted: onAccepted,
    message: onMessage,
    conversation: () => stateShow(frame.status, frame.status_text),
    resumed: onResumed,
    status: () => statusShow(frame.text),
    delta: () => onDelta(frame),
    retract: () => thread.retract(frame.run),
    error: () => frame.client_id && outbox.refused(frame.client_id, frame.detail),
  };
  handlers[frame.type]?.(frame);
}

function onAccepted(frame) {
  outbox.accepted(frame.client_id);
  if (frame.conversation_id === conversation) return;
  if (conversation) location.assign(pageOf(frame.conversation_id)); // it went on elsewhere
  else adopt(frame.conversation_id, frame.reference);
}

function onMessage(frame) {
  if (frame.client_id) outbox.accepted(frame.client_id);
  const result = thread.put(frame);
  if (result === "gap") connection.resumeSoon();
  if (result !== "shown" || frame.author === "customer") return;
  statusShow("");
  if (isCaughtUp) announce(frame);
}

function onResumed(frame) {
  isCaughtUp = frame.seq <= thread.lastSeq;
  if (!isCaughtUp) connection.resumeSoon(); // something of it was lost on the way
}

function onDelta(frame) {
  statusShow("");
  thread.stream(frame.run, frame.text);
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

/** Who has the conversation: said in the head and in the list; a person need not be asked for twice. */
function stateShow(status, text) {
  const isOpen = status === "open";
  byId("state").textContent = isOpen ? "" : `· ${text}`;
  byId("person").disabled = status === "with_consultant";
  const listed = document.querySelector("#conversations [aria-current] .state");
  if (!listed) return;
  listed.hidden = isOpen;
  listed.textContent = isOpen ? "" : text;
}

/** The conversation has got its name: show it in the title and in the list of conversations. */
async function surroundingsRefresh() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return; // they are right again after the next reload
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  byId("conversations").replaceWith(page.getElementById("conversations"));
  byId("title").textContent = page.getElementById("title").textContent;
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
  byId("announcer").textContent = spokenText(frame);
}
