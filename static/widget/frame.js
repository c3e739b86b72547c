/**
 * The chat in a frame and the page around it, talking. Protocol 1: `{omnicqm: 1, type, …}`, see docs/widget.md.
 *
 * The launcher names the frame after the origin of its page. Only an origin of the key's list is believed, and
 * everything is sent to exactly that one, so a page that lies hears nothing.
 */

const PROTOCOL = 1;
const ASK_AGAIN = 60_000;
const facts = document.querySelector('meta[name="omnicqm-widget"]').dataset;
const [mark, claimed] = window.name.split(" ");
const around = mark === "omnicqm" && facts.origins.split(" ").includes(claimed) ? claimed : "";
const thread = document.getElementById("thread");
let isShown = false;
let unread = Number(facts.unread);

// Not before the chat's own scripts have run: what is typed earlier would not be heard.
if (around && parent !== window) addEventListener("DOMContentLoaded", begin);

function begin() {
  addEventListener("message", onMessage);
  addEventListener("keydown", onKey);
  if (thread) new MutationObserver(onThread).observe(thread, { childList: true });
  if ("hasThread" in facts) setInterval(askAgain, ASK_AGAIN);
  tell("ready", { page: facts.page, look: JSON.parse(facts.look), unread });
}

function tell(type, more = {}) {
  parent.postMessage({ omnicqm: PROTOCOL, type, ...more }, around);
}

function onMessage({ source, origin, data }) {
  if (source !== parent || origin !== around || data?.omnicqm !== PROTOCOL) return;
  const { type, id } = data;
  if (type === "ping") tell("pong");
  else if (type === "shown") onShown(data.open === true);
  else if (type === "identify") change("identify", id, { token: data.token });
  else if (type === "logout") change("logout", id, {});
}

/** Ask our server, and say what came of it. Who has become somebody else loads the chat again. */
async function change(what, id, body) {
  const answer = await post(what, body);
  if (!answer.ok) {
    tell("failed", { id, code: answer.code ?? "unavailable", detail: answer.detail ?? "The chat does not answer." });
    return;
  }
  tell("done", { id, what, changed: answer.changed });
  if (answer.changed && facts.page !== "boot") location.replace(facts.chat);
  if (answer.changed && facts.page === "boot") location.reload();
}

async function post(what, body) {
  try {
    const answer = await fetch(new URL(`../${what}/`, new URL(facts.session, location.href)), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = answer.status === 204 ? {} : await answer.json();
    return { ...said, ok: answer.ok };
  } catch {
    return { ok: false };
  }
}

function onShown(open) {
  isShown = open;
  if (!open || facts.page === "boot") return;
  seen();
  const field = document.getElementById("text") ?? document.querySelector("main input:not([type=hidden])");
  field?.focus();
}

function seen() {
  unreadTell(0);
  post("seen", {});
}

function unreadTell(count) {
  unread = count;
  tell("unread", { unread });
}

/** A reply that came while nobody looked. One being written, or sent by the customer, is none. */
function onThread(changes) {
  const added = changes.flatMap((change) => [...change.addedNodes]);
  const isReply = (node) => node.id && node.matches?.(".message.from-assistant, .message.from-consultant");
  const replies = added.filter(isReply).length;
  if (!replies) return;
  tell("message", {});
  if (isShown && document.visibilityState === "visible") seen();
  else unreadTell(unread + replies);
}

/** Escape closes the panel, unless something inside of the chat is open, which it closes first. */
function onKey(event) {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  if (!document.querySelector("dialog[open], :popover-open")) tell("close");
}

async function askAgain() {
  if (facts.page !== "boot" || document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(new URL("../state/", new URL(facts.session, location.href)));
    if (answer.ok) unreadTell((await answer.json()).unread);
  } catch {
    // It is asked again.
  }
}
