/** The spec in chips: each is a control, and changing one asks again. */

import { button, make } from "./dom.js";

let made = 0;

/** `change(query, chart)` is called with the changed spec. */
export function editor(answer, change) {
  const { query, editor: choices, chart_kind: kind } = answer;
  const alter = (fields, chart = kind) => change({ ...query, ...fields, text: "" }, chart);
  const bar = make("div", { class: "an-chips", role: "group", "aria-label": "What was asked; change it here" });
  bar.append(
    metric(query, choices, alter),
    period(query, alter),
    ...splits(query, choices, alter),
    ...query.filters.map((kept, place) => filterChip(query, choices, kept, place, alter)),
    filterAdd(query, choices, alter),
    chip("Compare", select("Compare", [["", "no comparison"], ...pairs(choices.compares)], query.compare ?? "", (value) => alter({ compare: value || null }))),
    chip("Chart", select("Chart", pairs(choices.charts), kind, (value) => alter({}, value))),
  );
  return bar;
}

const pairs = (list) => list.map(({ value, title }) => [value, title]);

function chip(label, ...controls) {
  return make("span", { class: "an-chip" }, make("span", { class: "an-chip-name", "aria-hidden": "true" }, label), ...controls);
}

function select(label, entries, value, act, { groups } = {}) {
  const id = `chip-${(made += 1)}`;
  const control = make("select", { id, "aria-label": label });
  const option = ([key, title]) => make("option", { value: key, selected: key === value }, title);
  if (groups) groups.forEach(({ group, choices }) => control.append(make("optgroup", { label: group }, ...pairs(choices).map(option))));
  else control.append(...entries.map(option));
  control.value = value;
  control.addEventListener("change", () => act(control.value));
  return control;
}

function metric(query, choices, alter) {
  const act = (value) => alter({ metric: value, dimensions: [], filters: [], top: null });
  return chip("Figure", select("Figure", [], query.metric, act, { groups: choices.metrics }));
}

function period(query, alter) {
  const day = (name, label) => {
    const control = make("input", { type: "date", "aria-label": label, value: query.period[name], required: true });
    control.addEventListener("change", () => control.value && alter({ period: { ...query.period, [name]: control.value } }));
    return control;
  };
  return chip("Period", day("from", "From"), make("span", { "aria-hidden": "true" }, "–"), day("to", "To"));
}

function splits(query, choices, alter) {
  const none = [["", "not split"], ...pairs(choices.dimensions)];
  const [first = "", second = ""] = query.dimensions;
  const set = (place) => (value) => {
    const names = [first, second];
    names[place] = value;
    const dimensions = [...new Set(names.filter(Boolean))];
    alter({ dimensions, top: dimensions.length ? query.top : null });
  };
  const chips = [chip("By", select("Split by", none, first, set(0)))];
  if (first) chips.push(chip("and", select("and by", [["", "nothing else"], ...none.slice(1)], second, set(1))));
  chips.push(chip("Steps", select("Steps in time", [["", "no steps"], ...pairs(choices.grains)], query.grain ?? "", (value) => alter({ grain: value || null }))));
  if (first) {
    const tops = [["", "all"], ...[3, 5, 10, 20].map((n) => [String(n), `the ${n} largest`]), ...[3, 5, 10].map((n) => [String(-n), `the ${n} smallest`])];
    if (query.top && !tops.some(([value]) => value === String(query.top))) tops.push([String(query.top), `${query.top > 0 ? "largest" : "smallest"} ${Math.abs(query.top)}`]);
    chips.push(chip("Show", select("How many", tops, query.top ? String(query.top) : "", (value) => alter({ top: value ? Number(value) : null }))));
  }
  return chips;
}

function titleOf(choices, dimension, value) {
  return choices.values[dimension]?.find((one) => one.value === value)?.title ?? value;
}

function filterChip(query, choices, kept, place, alter) {
  const title = choices.dimensions.find(({ value }) => value === kept.dimension)?.title ?? kept.dimension;
  const named = kept.values.map((value) => titleOf(choices, kept.dimension, value)).join(" or ");
  const says = `${title} ${kept.op === "not_in" ? "is not" : "is"} ${named}`;
  const drop = button("×", () => alter({ filters: query.filters.filter((_, other) => other !== place) }), {
    kind: "an-drop", "aria-label": `Remove the filter: ${says}`,
  });
  return make("span", { class: "an-chip an-filter" }, says, drop);
}

function filterAdd(query, choices, alter) {
  const holder = make("span", { class: "an-chip" }, make("span", { class: "an-chip-name", "aria-hidden": "true" }, "Filter"));
  const dimension = select("Add a filter on", [["", "+ add"], ...pairs(choices.dimensions)], "", (name) => {
    holder.querySelectorAll("select:not(:first-of-type)").forEach((other) => other.remove());
    if (!name) return;
    const values = select("is", [["\u0000", "is …"], ...pairs(choices.values[name] ?? [])], "\u0000", (value) => {
      if (value === "\u0000") return;
      alter({ filters: [...query.filters.filter((kept) => kept.dimension !== name), { dimension: name, op: "in", values: [value] }] });
    });
    holder.append(values);
    values.focus();
  });
  holder.append(dimension);
  return holder;
}
