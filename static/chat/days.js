/** Lines between the messages of one day and those of the next. */

import { element } from "./dom.js";
import { dayText } from "./times.js";

/** Put a line before the first message of every day, and take away those that head nothing any more. */
export function daysMark(list) {
  let day = "";
  for (const item of [...list.children]) {
    if (item.classList.contains("day")) continue;
    const its = dayOf(item);
    const line = item.previousElementSibling;
    const isHeaded = line?.classList.contains("day");
    if (!its || its === day) {
      if (isHeaded) line.remove();
    } else if (!isHeaded || line.dataset.day !== its) {
      if (isHeaded) line.remove();
      item.before(dayLine(item, its));
    }
    day = its || day;
  }
  while (list.lastElementChild?.classList.contains("day")) list.lastElementChild.remove();
}

function dayOf(item) {
  const at = new Date(item.dataset.at ?? "");
  return Number.isNaN(at.getTime()) ? "" : at.toDateString();
}

function dayLine(item, day) {
  const line = element("li", "day");
  line.dataset.day = day;
  line.append(element("span", "", dayText(new Date(item.dataset.at))));
  return line;
}
