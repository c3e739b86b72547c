/** Earlier messages of a long thread, fetched when their reader asks for them. */

import { words } from "./words.js";

/** Let `button` load what comes before the first message of `thread`; `url(before)` is where, `say` what went wrong. */
export function earlierOffer({ button, thread, url, say }) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    const answer = await fetch(url(thread.firstSeq), { headers: { Accept: "application/json" } }).catch(() => null);
    button.disabled = false;
    if (!answer?.ok) {
      say(words.earlierFailed);
      return;
    }
    const page = await answer.json();
    thread.putBefore(page.messages);
    button.hidden = page.is_beginning;
    if (!page.is_beginning) button.focus({ preventScroll: true });
  });
}
