/** The page of questions: a dialogue with the analyst. */

import { show } from "./answer.js";
import { onTheme } from "./chart.js";
import { byId, make, symbol } from "./dom.js";

const page = byId("ask-page");
const form = byId("ask-form");
const input = byId("ask-question");
const dialogue = byId("ask-dialogue");
const status = byId("ask-status");
const anew = byId("ask-anew");
const token = page.querySelector("[name=csrfmiddlewaretoken]").value;
const shown = new Map(); // article -> what can redraw it
let conversation = "";
let busy = false;

async function send(address, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  let answer;
  try {
    answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
  } catch {
    throw new Error("The server cannot be reached. Try again in a moment.");
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.detail ?? (answer.status === 403 ? "You may not ask, or were signed out. Load the page again." : "That did not work. Try again."));
  return data;
}

/** Ask and show what comes in `article`; its heading stays. */
async function answerInto(article, body) {
  if (busy) return;
  busy = true;
  const place = article.querySelector(".an-answer");
  article.setAttribute("aria-busy", "true");
  status.textContent = "Looking it up …";
  try {
    const answer = await send(page.dataset.answer, { ...body, conversation });
    conversation = answer.conversation;
    if (body.query && answer.in_words) article.querySelector("h3").textContent = answer.in_words; // no longer what was typed
    const view = show(place, answer, acts(article));
    shown.set(article, view);
    await view.ready;
    status.textContent = answer.answer;
  } catch (error) {
    status.textContent = error.message;
    place.querySelector(".an-problem")?.remove();
    place.prepend(make("p", { class: "an-problem", role: "alert" }, error.message));
  } finally {
    busy = false;
    article.removeAttribute("aria-busy");
  }
}

function acts(article) {
  return {
    ask: (text) => ask(text),
    change: (query, chart) => answerInto(article, { query, chart }),
    csv: (query) => window.location.assign(`${page.dataset.csv}?${new URLSearchParams({ query: JSON.stringify(query) })}`),
    pin,
  };
}

async function pin(answer, button) {
  button.disabled = true;
  const title = answer.name.slice(0, 120); // the question would name a period that passes, or nothing: "as a pie"
  try {
    const { href } = await send(page.dataset.pin, { query: answer.query, chart: answer.chart_kind, title });
    button.replaceWith(make("a", { class: "cq-button an-small", href }, symbol("keep"), "Pinned: see the dashboard"));
    status.textContent = "Pinned.";
  } catch (error) {
    button.disabled = false;
    status.textContent = error.message;
    button.after(make("span", { class: "an-problem", role: "alert" }, error.message));
  }
}

async function ask(text) {
  const question = text.trim();
  if (!question || busy) return;
  const heading = make("h3", { class: "an-question", tabindex: "-1" }, question);
  const article = make("article", { class: "cq-card an-turn" }, heading, make("div", { class: "an-answer" }));
  dialogue.prepend(make("li", {}, article));
  input.value = "";
  anew.hidden = false;
  await answerInto(article, { question });
  input.focus({ preventScroll: true });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(input.value);
});

byId("ask-examples").addEventListener("click", ({ target }) => {
  if (target.matches("button")) ask(target.textContent);
});

anew.addEventListener("click", () => {
  conversation = "";
  shown.clear();
  dialogue.replaceChildren();
  anew.hidden = true;
  status.textContent = "A new dialogue.";
  input.focus();
});

onTheme(() => shown.forEach((view) => view.redraw()));

const given = new URLSearchParams(window.location.search).get("q");
if (given) ask(given.slice(0, 500));
else input.focus();
