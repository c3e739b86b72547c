// The sliders: figures follow while they move. Without this the form shows them on a page of its own.

const WAIT_MS = 60;
const SVG = "http://www.w3.org/2000/svg";
const form = document.querySelector("[data-try]");

function part(of, name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  of.append(made);
  return made;
}

/** The three lines by threshold, and where the threshold stands. */
function draw(points, threshold) {
  const chart = form.querySelector("[data-curve]");
  chart.replaceChildren();
  const x = (at) => 34 + (at / 100) * 396;
  const y = (share) => 10 + (1 - share / 100) * 130;
  for (const share of [0, 50, 100]) {
    part(chart, "line", { x1: x(0), x2: x(100), y1: y(share), y2: y(share) });
    part(chart, "text", { x: 28, y: y(share) + 3, "text-anchor": "end" }).textContent = `${share} %`;
  }
  for (const at of [0, 20, 40, 60, 80, 100]) {
    part(chart, "text", { x: x(at), y: 158, "text-anchor": "middle" }).textContent = at;
  }
  part(chart, "line", { class: "au-at", x1: x(threshold), x2: x(threshold), y1: 6, y2: 144 });
  for (const name of ["sent", "alpha", "wrong"]) {
    const line = points.filter((point) => point[name] !== null).map((point) => `${x(point.at)},${y(point[name])}`);
    part(chart, "polyline", { class: `au-line-${name}`, points: line.join(" ") });
  }
}

function show(trial) {
  for (const line of trial.lines) {
    const figure = form.querySelector(`[data-figure="${line.name}"]`);
    for (const name of ["value", "change", "saved", "was", "note"]) {
      figure.querySelector(`[data-part="${name}"]`).textContent = line[name];
    }
    figure.querySelector('[data-part="change"]').className = `au-change${line.tone ? ` au-${line.tone}` : ""}`;
  }
  const many = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  document.querySelector("[data-basis]").textContent = `${many(trial.cases, "case")}, ${many(trial.runs, "run")}`;
  draw(trial.curve, trial.threshold);
}

/** What stands beside each slider; whether any is not where it is saved. */
function label() {
  let moved = false;
  for (const slider of form.querySelectorAll("input[type=range]")) {
    const differs = slider.value !== slider.dataset.saved;
    slider.parentElement.querySelector("[data-value]").textContent = slider.value;
    slider.parentElement.classList.toggle("au-moved", differs);
    moved ||= differs;
  }
  const apply = form.querySelector("[data-apply]");
  if (apply) apply.disabled = !moved;
}

let asking = null;
async function ask() {
  asking?.abort();
  const mine = (asking = new AbortController());
  const outcome = form.querySelector(".au-figures");
  const wanted = new FormData(form);
  wanted.delete("csrfmiddlewaretoken");
  const late = setTimeout(() => outcome.classList.add("au-busy"), 250);
  try {
    const response = await fetch(`${form.dataset.try}?${new URLSearchParams(wanted)}`, { signal: mine.signal });
    if (response.ok) show(await response.json());
  } catch (error) {
    if (error.name !== "AbortError") form.querySelector("[data-plain]").hidden = false; // the page can still be asked
  } finally {
    clearTimeout(late);
    if (asking === mine) outcome.classList.remove("au-busy");
  }
}

if (form) {
  let soon = null;
  const follow = () => {
    label();
    clearTimeout(soon);
    soon = setTimeout(ask, WAIT_MS);
  };
  form.querySelector("[data-plain]").hidden = true;
  form.addEventListener("input", follow);
  form.querySelector("[data-reset]")?.addEventListener("click", (event) => {
    event.preventDefault();
    for (const slider of form.querySelectorAll("input[type=range]")) slider.value = slider.dataset.saved;
    follow();
  });
  label();
  draw(JSON.parse(document.getElementById("au-points").textContent), Number(form.elements.threshold.value));
}
