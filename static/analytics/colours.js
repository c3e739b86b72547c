// Colours of the scheme that holds, from dashboards.css.

const SERIES = 7;
let made = new Map();

/** Everything of a chart that is no series. */
export function theme() {
  made = new Map();
  return {
    ink: read("--cq-ink"), text: read("--cq-text"), hint: read("--cq-hint"), paper: read("--cq-paper"), grid: read("--an-grid"), before: read("--an-before"),
    font: { family: "Inter, system-ui, sans-serif", size: 12 },
  };
}

/** Of the series with this number, from 0. */
export function colour(number) {
  return read(`--an-${(number % SERIES) + 1}`);
}

/** The same with less of it, 0 to 1. */
export function faded(ink, share) {
  return resolved(`color-mix(in oklch, ${ink} ${share * 100}%, transparent)`);
}

/** Stripes of the colour. */
export function hatched(ink) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.globalAlpha = 0.55;
  pen.fillStyle = ink;
  pen.fillRect(0, 0, 8, 8);
  pen.globalAlpha = 1;
  pen.strokeStyle = ink;
  pen.lineWidth = 2;
  for (const shift of [-8, 0, 8]) {
    pen.beginPath();
    pen.moveTo(shift - 1, 9);
    pen.lineTo(shift + 9, -1);
    pen.stroke();
  }
  return pen.createPattern(tile, "repeat");
}

/** A custom property as rgb(): canvases know no variables, and Chart.js computes with few notations. */
function read(name) {
  return resolved(`var(${name})`);
}

function resolved(value) {
  if (!made.has(value)) {
    const probe = document.createElement("span");
    probe.hidden = true;
    probe.style.color = value;
    document.body.append(probe);
    made.set(value, rgb(getComputedStyle(probe).color));
    probe.remove();
  }
  return made.get(value);
}

function rgb(colour) {
  const pixel = document.createElement("canvas");
  pixel.width = pixel.height = 1;
  const pen = pixel.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`;
}
