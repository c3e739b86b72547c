/** Thumbs below an answer: one press says whether it helped, one more why not. */

import { button, byId, csrfToken, element, iconButton } from "./dom.js";
import { words } from "./words.js";

const REASONS = () => [
  ["wrong", words.reasonWrong],
  ["incomplete", words.reasonIncomplete],
  ["unclear", words.reasonUnclear],
  ["off_topic", words.reasonOffTopic],
];
const given = new Map(); // by request id: what this customer has said, here or elsewhere

/** Put thumbs below the assistant's answer `item`; nothing below anything else. */
export function ratingOffer(item) {
  const request = item.dataset.request;
  if (!request || !item.classList.contains("from-assistant")) return;
  const row = ratingRow(request, words.rateThis);
  row.classList.add("rating");
  item.append(row);
}

/** A group with both thumbs, and the reasons once they are asked for. `choices` are buttons in their place. */
export function ratingRow(request, title, choices = thumbs) {
  const row = element("div", "rates");
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", title);
  row.dataset.rates = request;
  const said = element("span", "rated");
  said.setAttribute("role", "status");
  row.append(...choices((feedback) => rate(request, feedback)), said);
  rowShow(row);
  return row;
}

function thumbs(choose) {
  return [
    thumb("helpful", iconButton("thumb", "up-thumb", words.helpful, () => choose("helpful"))),
    thumb("not_helpful", iconButton("thumb", "down-thumb", words.notHelpful, () => choose("not_helpful"))),
  ];
}

/** Yes and No in words, for where the question is asked in words. */
export function yesAndNo(choose) {
  return [
    thumb("helpful", button("button quiet", words.yes, () => choose("helpful"))),
    thumb("not_helpful", button("button quiet", words.no, () => choose("not_helpful"))),
  ];
}

function thumb(feedback, made) {
  made.dataset.feedback = feedback;
  return made;
}

/** Read what was said before, in this browser or another. Without an answer the thumbs are just not pressed. */
export async function ratingsLoad(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  for (const [request, rating] of Object.entries((await answer.json()).ratings)) {
    given.set(request, rating);
    rowsShow(request);
  }
}

async function rate(request, feedback, reason = "") {
  const before = given.get(request);
  given.set(request, { feedback, reason });
  rowsShow(request);
  if (await send({ request_id: request, feedback, reason })) {
    rowsSay(request, reason || feedback === "helpful" ? words.thanks : "");
  } else {
    if (before) given.set(request, before);
    else given.delete(request);
    rowsShow(request);
    rowsSay(request, words.ratingFailed);
  }
}

async function send(rating) {
  const answer = await fetch(new URL("../api/v1/feedback", new URL(byId("chat").dataset.chatUrl, location.href)), {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(rating),
  }).catch(() => null);
  return Boolean(answer?.ok);
}

const rowsOf = (request) => document.querySelectorAll(`[data-rates="${CSS.escape(request)}"]`);

function rowsShow(request) {
  for (const row of rowsOf(request)) rowShow(row);
}

function rowsSay(request, text) {
  for (const row of rowsOf(request)) row.querySelector(".rated").textContent = text;
}

function rowShow(row) {
  const rating = given.get(row.dataset.rates);
  for (const choice of row.querySelectorAll("[data-feedback]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.feedback === rating?.feedback));
  }
  row.querySelector(".reasons")?.remove();
  if (rating?.feedback === "not_helpful") row.querySelector(".rated").before(reasons(row.dataset.rates, rating.reason));
}

function reasons(request, chosen) {
  const line = element("span", "reasons");
  line.setAttribute("role", "group");
  line.setAttribute("aria-label", words.whyNot);
  line.append(element("span", "why", words.whyNot));
  for (const [code, label] of REASONS()) {
    const chip = button("chip", label, () => {
      rate(request, "not_helpful", code);
      rowsOf(request)[0]?.querySelector(`[data-reason="${code}"]`)?.focus();
    });
    chip.dataset.reason = code;
    chip.setAttribute("aria-pressed", String(code === chosen));
    line.append(chip);
  }
  return line;
}
