/** Who has the conversation: waiting for a person, with one, solved. Said in the head, in the list and in a panel. */

import { byId, element, icon } from "./dom.js";
import { ratingRow, yesAndNo } from "./rating.js";
import { momentText } from "./times.js";
import { say, words } from "./words.js";

export class StatePanel {
  #panel = byId("panel");
  #shown = "";
  #lastRequest;

  /** `lastRequest()` names the answer that is rated when all is solved. */
  constructor({ lastRequest }) {
    this.#lastRequest = lastRequest;
  }

  /** Take in a `conversation` frame; returns what changed in words, for who does not see it. */
  show({ status, joined = false, due_at: dueAt = null }) {
    this.#head(status);
    const kind = status === "with_consultant" ? (joined ? "joined" : "waiting") : status;
    const key = `${kind} ${dueAt}`;
    if (key === this.#shown) return;
    const was = this.#shown.split(" ")[0];
    this.#shown = key;
    this.#panel.className = `panel is-${kind}`;
    this.#panel.replaceChildren(...this.#content(kind, dueAt));
    this.#panel.hidden = !this.#panel.childNodes.length;
    return kind === "open" && was === "joined" ? words.leftText : "";
  }

  #content(kind, dueAt) {
    if (kind === "waiting") {
      const text = dueAt ? say("waitingUntil", { time: momentText(dueAt) }) : words.waitingText;
      return [icon("clock"), lines(words.waitingTitle, text)];
    }
    if (kind === "joined") return [icon("person"), lines(words.joinedTitle, words.joinedText)];
    if (kind === "resolved") return this.#resolved();
    return [];
  }

  #resolved() {
    const request = this.#lastRequest();
    const text = lines(words.resolvedTitle, request ? words.resolvedText : words.resolvedWrite);
    if (request) {
      text.append(ratingRow(request, words.resolvedText, yesAndNo), element("p", "fine", words.resolvedWrite));
    }
    return [icon("check"), text];
  }

  #head(status) {
    const label = { with_consultant: words.stateWithConsultant, resolved: words.stateResolved }[status] ?? "";
    byId("state").textContent = label ? `· ${label}` : "";
    byId("chat").dataset.status = status;
    const person = byId("person");
    if (status === "with_consultant") person.setAttribute("aria-disabled", "true");
    else person.removeAttribute("aria-disabled");
    for (const form of document.querySelectorAll("#more form")) form.hidden = status !== "open";
    const listed = document.querySelector("#conversations [aria-current] .state");
    if (!listed) return;
    listed.hidden = !label;
    listed.textContent = label;
  }
}

function lines(title, text) {
  const made = element("div", "lines");
  made.append(element("p", "panel-title", title), element("p", "", text));
  return made;
}
