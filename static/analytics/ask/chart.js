/** Drawing: Vega-Lite, whose expressions are interpreted and never compiled, in the colours of the page. */

import { make } from "./dom.js";

const LIGHT = ["#0f766e", "#b45309", "#1d4ed8", "#be185d", "#4d7c0f", "#6d28d9", "#0369a1", "#a16207", "#9f1239", "#475569"];
const DARK = ["#2dd4bf", "#fbbf24", "#60a5fa", "#f472b6", "#a3e635", "#a78bfa", "#38bdf8", "#facc15", "#fb7185", "#94a3b8"];

const isDark = () => document.documentElement.classList.contains("dark");

function theme() {
  const dark = isDark();
  const [ink, hint, line] = dark ? ["#e5e7eb", "#9ca3af", "#374151"] : ["#1f2937", "#6b7280", "#e5e7eb"];
  const text = { labelColor: hint, titleColor: hint, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500 };
  return {
    background: "transparent",
    font: "Inter, ui-sans-serif, system-ui, sans-serif",
    axis: { ...text, domainColor: line, tickColor: line, gridColor: line },
    legend: { ...text, labelColor: ink, orient: "bottom", columns: 4, labelLimit: 200, symbolLimit: 12 },
    view: { stroke: null },
    range: { category: dark ? DARK : LIGHT },
    mark: { color: (dark ? DARK : LIGHT)[0] },
    bar: { cornerRadiusEnd: 3, discreteBandSize: { band: 0.7 } },
    line: { strokeWidth: 2.2 },
    point: { size: 40, filled: true },
    tick: { color: ink },
    arc: { stroke: dark ? "#111827" : "#ffffff", strokeWidth: 2 },
  };
}

/** Draws `spec` into `place`; returns a function that gives the picture as a PNG data address. */
export async function draw(place, spec, description) {
  const options = {
    actions: false, ast: true, defaultStyle: false, renderer: "canvas", config: theme(),
    tooltip: { disableDefaultStyle: true, theme: "an" },
    loader: { load: () => Promise.reject(new Error("Charts load nothing.")) },
  };
  const inner = make("div", { class: "an-canvas", role: "img", "aria-label": description });
  place.replaceChildren(inner);
  const drawn = await window.vegaEmbed(inner, spec, options);
  inner.querySelectorAll("canvas, svg").forEach((picture) => picture.setAttribute("aria-hidden", "true"));
  return { picture: (scale = 2) => drawn.view.toImageURL("png", scale), end: () => drawn.finalize() };
}

/** Calls `redraw` when the page turns light or dark. */
export function onTheme(redraw) {
  let was = isDark();
  new MutationObserver(() => {
    if (isDark() !== was) {
      was = isDark();
      redraw();
    }
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
}
