// What happens while a page of the console is open: one websocket for all of its scripts.
//
//   live.on("escalation", frame => …)   something happened to a case: {id, kind, state, assignee, user_id, …}
//   live.on("presence", frame => …)     {escalation, people}: who has it open now, the reader included, with `typing`
//   live.on("counts", frame => …)       {overdue, due_soon, unassigned, mine, waiting}
//   live.on("ready", frame => …)        connected, again perhaps: what came meanwhile is not told, so read it again
//   live.on("state", word => …)         "live", "connecting", or "over" when the session ended
//   live.typing()                       something is being written on the case that this page shows
//   live.watch("esc_…")                 this page shows that case, until live.unwatch()
//
// Everything here is a hint. Who needs the truth asks the server.

const PING_SECONDS = 20;
const TYPING_SECONDS = 3; // how often it is said again
const SHORTEST = 500;
const LONGEST = 30_000;
const HIDDEN_SECONDS = 60; // then nobody looks at the case any more
const OVER = [4401, 4403];

const handlers = new Map();
const viewing = new Map();
let socket = null;
let state = "connecting";
let you = null;
let watching = "";
let tries = 0;
let retry = 0;
let ping = 0;
let hiding = 0;
let typed = -Infinity;

export const live = {
  on(type, handler) {
    if (!handlers.has(type)) handlers.set(type, new Set());
    handlers.get(type).add(handler);
    if (type === "state") handler(state);
    start();
    return () => handlers.get(type).delete(handler);
  },
  watch(id) {
    watching = id;
    start();
    tell();
  },
  unwatch() {
    watching = "";
    tell();
  },
  typing() {
    if (!watching || state !== "live" || performance.now() - typed < TYPING_SECONDS * 1000) return;
    typed = performance.now();
    send({ type: "typing" });
  },
  /** The people who have the case open, without the reader. */
  others(id) {
    return (viewing.get(id) ?? []).filter(person => person.id !== you?.id);
  },
  get you() {
    return you;
  },
};

let started = false;
function start() {
  if (started) return;
  started = true;
  queueMicrotask(connect); // once all of the page's scripts listen
  window.addEventListener("online", connectNow);
  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("pageshow", event => event.persisted && connectNow());
  window.addEventListener("pagehide", leave);
}

function connect() {
  clearTimeout(retry);
  if (state === "over" || (socket && socket.readyState <= WebSocket.OPEN)) return;
  const address = new URL("/ws/console", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const opened = (socket = new WebSocket(address));
  opened.addEventListener("message", event => hear(event.data));
  opened.addEventListener("close", event => lose(opened, event.code));
}

/** One that is still connecting goes with the page: closing it by hand is an error on the browser's console. */
function leave() {
  if (socket?.readyState === WebSocket.OPEN) socket.close();
}

function connectNow() {
  tries = 0;
  connect();
}

function lose(closed, code) {
  if (closed !== socket) return;
  clearInterval(ping);
  socket = null;
  if (OVER.includes(code)) return become("over");
  become("connecting");
  const wait = Math.min(LONGEST, SHORTEST * 2 ** tries++);
  retry = setTimeout(connect, wait * (0.5 + Math.random())); // not all pages at once
}

function hear(text) {
  const frame = JSON.parse(text);
  if (frame.type === "ready") return greet(frame);
  if (frame.type === "presence") viewing.set(frame.escalation, frame.people);
  emit(frame.type, frame);
}

function greet(frame) {
  you = frame.you;
  tries = 0;
  clearInterval(ping);
  ping = setInterval(() => send({ type: "ping" }), PING_SECONDS * 1000);
  become("live");
  const known = new Set([...viewing.keys(), ...Object.keys(frame.viewing)]);
  viewing.clear();
  for (const [id, people] of Object.entries(frame.viewing)) viewing.set(id, people);
  emit("ready", frame);
  for (const id of known) emit("presence", { type: "presence", escalation: id, people: viewing.get(id) ?? [] });
  emit("counts", { type: "counts", ...frame.counts });
  tell();
}

function onVisibility() {
  clearTimeout(hiding);
  if (!document.hidden) {
    connectNow();
    tell();
  } else if (watching) {
    hiding = setTimeout(() => send({ type: "unwatch" }), HIDDEN_SECONDS * 1000);
  }
}

function tell() {
  if (state === "live") send(watching ? { type: "watch", escalation: watching } : { type: "unwatch" });
}

function send(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function become(next) {
  if (state === next) return;
  state = next;
  document.documentElement.dataset.live = next;
  emit("state", next);
}

function emit(type, what) {
  for (const handler of handlers.get(type) ?? []) handler(what);
}
