// How an axis writes its numbers; what a value is, the server writes.

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** @param {number} value @param {string} unit of the catalogue */
export function tick(value, unit) {
  switch (unit) {
    case "share": return `${plain.format(value * 100)} %`;
    case "usd": return `$${value && value < 0.01 ? value.toPrecision(1) : plain.format(value)}`;
    case "milliseconds": return value < 1000 ? `${plain.format(value)} ms` : duration(value / 1000);
    case "seconds": return duration(value);
    case "count": case "tokens": return compact.format(value);
    default: return plain.format(value);
  }
}

function duration(seconds) {
  if (seconds < 120) return `${plain.format(seconds)} s`;
  return seconds < 7200 ? `${plain.format(Math.round(seconds / 60))} min` : `${compact.format(seconds / 3600)} h`;
}
