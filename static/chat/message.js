/** A message as an element: the same one templates/chat/_message.html makes on the server. */

import { element, icon } from "./dom.js";
import { ratingOffer } from "./rating.js";
import { htmlParse, linksOpenApart } from "./safe_html.js";
import { citationsLink } from "./sources.js";
import { timeShow } from "./times.js";
import { words } from "./words.js";

/** The element of a `message` frame. */
export function messageElement(frame) {
  const item = element("li", `message from-${frame.author}${isMail(frame) ? " is-mail" : ""}`);
  item.id = `message-${frame.seq}`;
  item.dataset.seq = frame.seq;
  item.dataset.at = frame.at;
  if (frame.request_id) item.dataset.request = frame.request_id;
  if (frame.author !== "system") item.append(byline(frame));
  item.append(body(frame));
  messageEnliven(item);
  return item;
}

/** What only the page can do for a message, whoever rendered it: local times, links beside the chat, citations, thumbs. */
export function messageEnliven(item) {
  for (const time of item.querySelectorAll("time")) timeShow(time);
  linksOpenApart(item);
  citationsLink(item);
  ratingOffer(item);
}

/** The element of something that is not a message yet: being sent, or being written. */
export function draftElement(author, text) {
  const item = messageElement({ author, text, seq: 0, channel: { kind: "chat" }, at: new Date().toISOString() });
  item.removeAttribute("id");
  delete item.dataset.seq;
  return item;
}

function authorName(author) {
  return { customer: words.you, assistant: words.assistant, consultant: words.consultant }[author] ?? "";
}

/** The message as one would read it out: who says it and the words, without marks of formatting or source numbers. */
export function spokenText(frame) {
  const said = element("div");
  if (frame.html && frame.author !== "customer") said.append(htmlParse(frame.html));
  else said.textContent = frame.text;
  for (const block of said.querySelectorAll("p, li, h1, h2, h3, h4, h5, h6, td, th, br")) block.after(" ");
  const read = said.textContent.replace(/\s*\[\d{1,2}\]/g, "").replace(/\s+/g, " ").trim();
  return [authorName(frame.author), read].filter(Boolean).join(": ");
}

/** A notice of the system that also went out by mail stays a notice. */
const isMail = (frame) => frame.channel?.kind === "email" && frame.author !== "system";

function byline(frame) {
  const line = element("p", "byline");
  line.append(element("span", "who", authorName(frame.author)));
  if (frame.channel && frame.channel.kind !== "chat") {
    const channel = element("span", "channel");
    channel.append(icon(isMail(frame) ? "mail" : "api"), isMail(frame) ? words.mail : frame.channel.title);
    line.append(channel);
  }
  if (frame.spoken) {
    const spoken = element("span", "channel");
    spoken.append(icon("mic"), words.spoken);
    line.append(spoken);
  }
  const time = element("time");
  time.dateTime = frame.at;
  line.append(time);
  return line;
}

function body(frame) {
  const made = element("div", "body");
  if (isMail(frame) && frame.subject) made.append(spelled(element("p", "subject", frame.subject)));
  if (frame.html && frame.author !== "customer") {
    const prose = spelled(element("div", "prose"));
    prose.append(htmlParse(frame.html));
    made.append(prose);
  } else {
    made.append(spelled(element("div", "plain", frame.text)));
  }
  if (frame.attachments?.length) made.append(fileList(frame.attachments));
  if (frame.sources?.length) made.append(sourceList(frame.sources));
  return made;
}

/** What somebody wrote runs in the direction of its own language, whatever the page's. */
function spelled(made) {
  made.dir = "auto";
  return made;
}

function fileList(files) {
  const list = element("ul", "files");
  for (const file of files) {
    const item = spelled(element("li"));
    item.append(icon("file"), file.name);
    list.append(item);
  }
  return list;
}

function sourceList(sources) {
  const list = element("ol", "sources");
  list.setAttribute("aria-label", words.sources);
  sources.forEach((source, index) => {
    const chip = element("button", "source");
    chip.type = "button";
    Object.assign(chip.dataset, {
      number: index + 1,
      title: source.title ?? "",
      heading: source.heading ?? "",
      context: source.context ?? "",
      quote: source.quote ?? "",
      version: source.version || "",
    });
    chip.append(element("span", "number", String(index + 1)), spelled(element("span", "name", source.title ?? "")));
    if (source.heading) chip.append(spelled(element("span", "heading", source.heading)));
    const item = element("li");
    item.append(chip);
    list.append(item);
  });
  return list;
}
