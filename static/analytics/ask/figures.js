/** Values as people read them, as `analytics/analyst/wording.py` writes them. */

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

const duration = (seconds) => {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  for (const [size, name, small, part] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]]) {
    if (seconds < size) continue;
    const rounded = Math.round(seconds / small) * small;
    const rest = rounded % size;
    return `${whole.format(Math.floor(rounded / size))} ${name}${rest ? ` ${Math.round(rest / small)} ${part}` : ""}`;
  }
};

const usd = (amount) => {
  const size = Math.abs(amount);
  const places = !size || size >= 0.1 ? 2 : size >= 0.001 ? 4 : 8;
  return amount.toLocaleString("en-US", { style: "currency", currency: "USD", minimumFractionDigits: places, maximumFractionDigits: places });
};

const UNITS = {
  share: (value) => `${(100 * value).toFixed(1)} %`,
  usd,
  seconds: duration,
  milliseconds: (value) => (Math.abs(value) < 1000 ? `${whole.format(value)} ms` : `${(value / 1000).toFixed(1)} s`),
  count: (value) => whole.format(value),
  tokens: (value) => whole.format(value),
};

/** A cell of the table as text. */
export function cellText(value, column, grain) {
  if (value === null || value === undefined) return "–";
  if (column.kind === "time") return momentText(value, grain);
  if (column.kind === "change") return `${value > 0 ? "+" : ""}${column.unit === "points" ? `${value.toFixed(1)} points` : `${(100 * value).toFixed(1)} %`}`;
  if (typeof value !== "number") return String(value);
  return (UNITS[column.unit] ?? ((number) => number.toFixed(2)))(value);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function momentText(value, grain) {
  const [day, time] = value.split("T");
  const [year, month, date] = day.split("-").map(Number);
  if (grain === "month") return `${MONTHS[month - 1]} ${year}`;
  return `${date} ${MONTHS[month - 1]} ${year}${time ? `, ${time.slice(0, 5)}` : ""}`;
}
