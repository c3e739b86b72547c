/** One answer on the page: the sentence, the chips, the chart with its table, definitions, what can be done with it. */

import { draw } from "./chart.js";
import { button, make } from "./dom.js";
import { editor } from "./editor.js";
import { cellText } from "./figures.js";

const MOST_ROWS = 500;

/**
 * Fills `place` with `answer`. `acts` are {ask(question), change(query, chart), csv(query), pin(answer, button)}.
 * Returns {redraw}.
 */
export function show(place, answer, acts) {
  place.replaceChildren();
  place.append(make("p", { class: "an-sentence" }, answer.answer));
  if (!answer.table) {
    place.append(...suggestions(answer, acts, "Ask instead"));
    if (answer.definitions.length) place.append(definitions(answer));
    return { redraw() {} };
  }
  place.append(editor(answer, acts.change));
  let drawn = null;
  const paint = async () => {
    drawn?.end();
    drawn = await draw(figure, answer.chart, answer.chart.description);
  };
  const figure = make("figure", { class: "an-figure" });
  if (answer.chart) place.append(figure);
  place.append(table(answer), tools(answer, acts, () => drawn), definitions(answer), ...suggestions(answer, acts, "Go on with"));
  const ready = answer.chart ? paint().catch(() => figure.replaceChildren("The chart could not be drawn; the table has its figures.")) : null;
  return { redraw: () => answer.chart && paint(), ready };
}

function table({ table: { columns, rows }, query, in_words: words, chart }) {
  const isFigure = (column) => !["time", "dimension"].includes(column.kind);
  const head = make("tr", {}, ...columns.map((column) => make("th", { scope: "col", class: isFigure(column) ? "cq-figure" : null }, column.title)));
  const body = rows.slice(0, MOST_ROWS).map((row) => make("tr", {}, ...row.map((value, place) => {
    const column = columns[place];
    return make("td", { class: isFigure(column) ? "cq-figure" : null }, cellText(value, column, query.grain));
  })));
  const made = make("table", { class: "cq-table" }, make("caption", { class: "cq-hidden" }, words), make("thead", {}, head), make("tbody", {}, ...body));
  const scroll = make("div", { class: "cq-scroll an-table", tabindex: "0", role: "region", "aria-label": `Table: ${words}` }, made);
  const more = rows.length > MOST_ROWS ? make("p", { class: "cq-hint" }, `${rows.length - MOST_ROWS} more rows are in the CSV file.`) : null;
  const count = rows.length === 1 ? "1 row" : `${rows.length} rows`;
  return make("details", { class: "an-more", open: !chart || rows.length <= 8 }, make("summary", {}, `Table (${count})`), scroll, more);
}

function tools(answer, acts, drawn) {
  const asOf = answer.as_of ? new Date(answer.as_of) : null;
  const shown = asOf ? asOf.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: answer.time_zone }) : "not built yet";
  const bar = make("div", { class: "an-tools" });
  bar.append(make("span", { class: "cq-hint" }, "As of ", make("time", { datetime: answer.as_of ?? "" }, shown), ` (${answer.time_zone})`));
  bar.append(button("CSV", () => acts.csv(answer.query), { icon: "download" }));
  if (answer.chart) {
    bar.append(button("PNG", async () => save(await drawn()?.picture(), `${answer.query.metric}.png`), { icon: "image" }));
  }
  const pin = button("Pin to a dashboard", () => acts.pin(answer, pin), { icon: "keep" });
  bar.append(pin);
  return bar;
}

function save(address, name) {
  if (!address) return;
  const link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

function definitions({ definitions: entries, in_words: words }) {
  const list = make("dl", { class: "an-definitions" });
  const how = ({ formula, grain, freshness }) => (formula ? make("p", { class: "cq-hint" }, make("code", {}, formula), `, ${grain}, ${freshness}`) : null);
  entries.forEach((entry) => list.append(make("dt", {}, entry.title), make("dd", {}, entry.text, how(entry))));
  const said = words ? make("p", { class: "cq-hint" }, `Asked: ${words}.`) : null;
  return make("section", { class: "an-meaning", "aria-label": "Definitions" }, said, list);
}

function suggestions({ suggestions: texts }, acts, title) {
  if (!texts.length) return [];
  const entries = texts.map((text) => make("li", {}, button(text, () => acts.ask(text), { kind: "an-suggestion" })));
  return [make("p", { class: "an-next" }, title), make("ul", { class: "an-suggestions" }, ...entries)];
}
