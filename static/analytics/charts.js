// Draws the data of the page with Chart.js. All texts come from the server, so that chart and table say the same.
import "./vendor/chart.js/chart.umd.min.js";
import { colour, faded, hatched, theme } from "./colours.js";
import { tick } from "./ticks.js";

const { Chart } = globalThis;
const POINTS = ["circle", "triangle", "rect", "rectRot", "crossRot", "star"];
const drawn = new Map(); // canvas -> {chart, text}

/** Draws what is new or has changed. @param {HTMLElement} page */
export function drawAll(page) {
  for (const canvas of page.querySelectorAll("canvas[data-chart]")) {
    const text = document.getElementById(canvas.dataset.chart).textContent;
    const before = drawn.get(canvas);
    if (before?.text === text) continue;
    before?.chart.destroy();
    drawn.set(canvas, { text, chart: new Chart(canvas, config(JSON.parse(text), canvas)) });
  }
}

/** Draws all again, in the colours of the scheme that holds now. */
export function recolour() {
  for (const [canvas, { text, chart }] of drawn) {
    chart.destroy();
    drawn.set(canvas, { text, chart: new Chart(canvas, config(JSON.parse(text), canvas)) });
  }
}

function config(data, canvas) {
  const looks = theme();
  const lying = data.kind === "bars";
  const round = data.kind === "pie";
  const hrefOf = found => (found.length ? data.hrefs[found[0].index] : "");
  return {
    type: { lines: "line", columns: "bar", bars: "bar", pie: "doughnut" }[data.kind],
    data: { labels: data.labels, datasets: [...data.series.map((series, place) => dataset(series, place, data, looks)), ...levels(data, looks)] },
    options: {
      animation: false,
      maintainAspectRatio: false,
      indexAxis: lying ? "y" : "x",
      interaction: { mode: round ? "nearest" : "index", axis: lying ? "y" : "x", intersect: round },
      scales: round ? {} : scales(data, looks, lying),
      onHover: (event, found) => canvas.classList.toggle("an-clickable", Boolean(hrefOf(found))),
      onClick: (event, found) => {
        const href = hrefOf(found);
        if (!href) return;
        canvas.dispatchEvent(new CustomEvent("an-filter", { bubbles: true }));
        location.assign(href);
      },
      plugins: {
        legend: { display: round || data.stacked || data.series.length + (lying ? 0 : data.lines.length) > 1, position: round ? "right" : "bottom", align: "start",
          labels: { color: looks.text, font: looks.font, usePointStyle: true, boxHeight: 7, boxWidth: 18, padding: 14 } },
        tooltip: tooltip(data, looks, lying, round),
      },
    },
  };
}

function dataset(series, place, data, looks) {
  const isBefore = series.role === "compare";
  const ink = isBefore ? looks.before : colour(place);
  const common = { label: series.title, data: series.values, texts: series.texts };
  if (data.kind === "lines") return { ...common, ...line(series, place, ink, isBefore, looks) };
  const fill = data.kind === "pie" ? data.labels.map((_, number) => colour(number)) : fills(series, place, ink, data.stacked);
  return {
    ...common,
    backgroundColor: isBefore ? faded(ink, 0.35) : fill,
    borderColor: data.kind === "pie" ? looks.paper : ink,
    borderWidth: data.kind === "pie" ? 2 : isBefore || series.faint.some(Boolean) ? 1 : data.stacked ? 0.5 : 0,
    borderRadius: data.stacked ? 0 : 3,
    pointStyle: "rect",
    maxBarThickness: data.kind === "bars" ? 16 : 36,
    categoryPercentage: 0.78,
    barPercentage: 0.92,
    ...(data.kind === "pie" ? { cutout: "58%" } : {}),
  };
}

/** Full where there is enough to tell, pale where not; every second of a stack is hatched. */
function fills(series, place, ink, stacked) {
  const full = stacked && place % 2 ? hatched(ink) : ink;
  return series.faint.some(Boolean) ? series.faint.map(faint => (faint ? faded(ink, 0.22) : full)) : full;
}

function line(series, place, ink, isBefore, looks) {
  const few = series.values.length <= 45;
  const lone = number => series.values[number - 1] == null && series.values[number + 1] == null;
  return {
    borderColor: ink,
    backgroundColor: ink,
    borderWidth: isBefore ? 1.5 : 2,
    borderDash: isBefore ? [2, 3] : undefined,
    tension: 0.15,
    spanGaps: true,
    clip: 6,
    pointStyle: POINTS[place % POINTS.length],
    pointRadius: series.values.map((_, number) => (isBefore ? 0 : few || lone(number) ? 3 : 0)),
    pointHoverRadius: 5,
    pointBackgroundColor: series.faint.map(faint => (faint ? looks.paper : ink)),
    pointBorderWidth: 1.5,
    segment: {
      borderDash: context => (isBefore ? [2, 3] : series.provisional[context.p1DataIndex] ? [5, 4] : undefined),
      borderColor: context => (series.faint[context.p0DataIndex] || series.faint[context.p1DataIndex] ? faded(ink, 0.45) : ink),
    },
  };
}

/** Targets and budgets: a level from edge to edge. */
function levels(data, looks) {
  if (data.kind === "pie" || data.kind === "bars") return [];
  return data.lines.map(level => ({
    type: "line", label: level.title, data: data.labels.map(() => level.value), isLevel: true, stack: `level ${level.title}`,
    borderColor: looks.ink, backgroundColor: looks.ink, borderWidth: 1.25, borderDash: [8, 4], pointRadius: 0, pointHoverRadius: 0, pointStyle: "line", order: -1,
  }));
}

function scales(data, looks, lying) {
  const named = { stacked: data.stacked, grid: { display: false }, border: { color: looks.grid },
    ticks: { color: looks.hint, font: looks.font, autoSkip: !lying, maxRotation: 0, callback(value) { return shortened(this.getLabelForValue(value)); } } };
  const counted = { stacked: data.stacked, beginAtZero: true, grid: { color: looks.grid }, border: { display: false }, suggestedMax: data.unit === "share" || data.unit === "score" ? undefined : 1e-9,
    max: topOf(data), ticks: { color: looks.hint, font: looks.font, maxTicksLimit: 6, precision: data.unit === "count" ? 0 : undefined, callback: value => tick(value, data.unit) } };
  return lying ? { x: counted, y: named } : { x: named, y: counted };
}

/** A share ends at 100 %, not above. */
function topOf(data) {
  if (data.unit !== "share") return undefined;
  const highest = Math.max(...data.series.flatMap(series => series.values.map(value => value ?? 0)), ...data.lines.map(level => level.value));
  return highest > 0.8 ? 1 : undefined;
}

function shortened(label) {
  return label.length > 26 ? `${label.slice(0, 25)}…` : label;
}

function tooltip(data, looks, lying, round) {
  return {
    backgroundColor: looks.paper, borderColor: looks.grid, borderWidth: 1, titleColor: looks.ink, bodyColor: looks.text, footerColor: looks.hint,
    titleFont: { ...looks.font, weight: 600 }, bodyFont: looks.font, footerFont: looks.font, padding: 10, usePointStyle: true, boxPadding: 4,
    filter: item => !item.dataset.isLevel,
    callbacks: {
      title: items => (items.length ? data.titles[items[0].dataIndex] : ""),
      label: item => `${round ? "" : `${item.dataset.label}: `}${item.dataset.texts[item.dataIndex]}`,
      footer: items => {
        if (!items.length) return "";
        const place = items[0].dataIndex;
        const parts = data.series.some(series => series.role === "value" && series.provisional[place]) ? ["Provisional"] : [];
        if (data.hrefs[place]) parts.push(lying || round ? "Click to filter" : "Click to look closer");
        return parts.join(" · ");
      },
    },
  };
}
