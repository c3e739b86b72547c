/** The passage behind a source chip, in a panel at the side. The chip carries it, so it is there after a reload too. */

import { say, words } from "./words.js";

const CITED = /\[(\d{1,2})\]/;

/** Make every "[1]" in the text of a message open its first source. */
export function citationsLink(message) {
  const chips = message.querySelectorAll("button.source");
  const prose = message.querySelector(".prose");
  if (!chips.length || !prose) return;
  const texts = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
  for (const text of [...allOf(texts)]) citationsLinkIn(text, chips.length);
}

function citationsLinkIn(text, most) {
  const parts = text.data.split(CITED);
  if (parts.length === 1) return;
  const isSource = (part) => Number(part) >= 1 && Number(part) <= most;
  text.replaceWith(
    // Every second part is a number.
    ...parts.map((part, index) => (index % 2 === 0 ? part : isSource(part) ? citation(part) : `[${part}]`)),
  );
}

function citation(number) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "citation";
  button.dataset.cites = number;
  button.textContent = number;
  button.setAttribute("aria-label", `${words.source} ${number}`);
  return button;
}

function* allOf(walker) {
  while (walker.nextNode()) yield walker.currentNode;
}

function chipOf(target) {
  const cited = target.closest("button.citation");
  if (!cited) return target.closest("button.source");
  return cited.closest(".message").querySelector(`button.source[data-number="${cited.dataset.cites}"]`);
}

/** Let the chips and citations below `root` open `panel`. */
export function sourcesOpen(root, panel) {
  const part = (name) => panel.querySelector(`#source-${name}`);
  root.addEventListener("click", (event) => {
    const chip = chipOf(event.target);
    if (!chip) return;
    part("number").textContent = chip.dataset.number;
    part("title").textContent = chip.dataset.title;
    part("heading").textContent = chip.dataset.heading;
    part("quote").replaceChildren(...quoteInContext(chip.dataset.quote, chip.dataset.context));
    part("version").textContent = chip.dataset.version ? say("version", { number: chip.dataset.version }) : "";
    panel.showModal();
    part("quote").scrollTop = 0;
    part("quote").querySelector("mark")?.scrollIntoView({ block: "nearest" });
  });
  panel.addEventListener("click", (event) => {
    if (event.target === panel && isOutside(panel, event)) panel.close();
  });
}

/** The passage with the quote marked in it; the quote alone where the passage is not known. */
function quoteInContext(quote, context) {
  const start = context.indexOf(quote);
  if (!quote || start < 0) return [quote || context];
  const mark = document.createElement("mark");
  mark.textContent = quote;
  return [context.slice(0, start), mark, context.slice(start + quote.length)];
}

function isOutside(panel, { clientX, clientY }) {
  const box = panel.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
