/** Times as the reader's clock and language show them. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const withDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const inFull = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** Fill a `<time datetime>`: the hour today, with the day before. */
export function timeShow(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const today = at.toDateString() === new Date().toDateString();
  element.textContent = (today ? clock : withDay).format(at);
  element.title = inFull.format(at);
}
