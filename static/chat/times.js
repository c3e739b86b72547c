/** Times and days as the reader's clock and language show them. */

import { language, words } from "./words.js";

const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const withDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const inFull = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
const dayOnly = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat(language, { dateStyle: "long" });

/** Fill a `<time datetime>` with the hour; the day stands above the messages of it. */
export function timeShow(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  element.textContent = clock.format(at);
  element.title = inFull.format(at);
}

/** A moment to come, as short as it can be said. */
export function momentText(iso) {
  const at = new Date(iso);
  return (isToday(at) ? clock : withDay).format(at);
}

/** The day of a moment, as one would head a list with it. */
export function dayText(at) {
  if (isToday(at)) return words.today;
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  if (at.toDateString() === yesterday.toDateString()) return words.yesterday;
  return (at.getFullYear() === new Date().getFullYear() ? dayOnly : dayAndYear).format(at);
}

const isToday = (at) => at.toDateString() === new Date().toDateString();
