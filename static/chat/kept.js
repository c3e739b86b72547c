/** What was not sent yet is kept for a reload of the page, and for nobody who uses this browser afterwards. */

const WHOSE = "chat-whose";
const KEPT = ["chat-draft", "chat-outbox", "chat-spoken"];

/** Forget what was kept for another visitor than `mark`, which the server has put into the page. */
export function keptBelongsTo(mark) {
  if (sessionStorage.getItem(WHOSE) === mark) return;
  for (const name of KEPT) sessionStorage.removeItem(name);
  sessionStorage.setItem(WHOSE, mark);
}
