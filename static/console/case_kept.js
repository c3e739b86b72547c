// Unsent texts, kept in this browser by person and case until they are sent. The oldest go first.

const PREFIX = "cq-draft:";
const MOST = 30;
const DAYS = 7;

const name = (page) => `${PREFIX}${page.dataset.user}:${page.dataset.id}`;

/** `draft` names the suggestion that the text was made of. */
export function keep(page, text, draft) {
  try {
    localStorage.setItem(name(page), JSON.stringify({ text, draft, at: Date.now() }));
    prune();
    return true;
  } catch {
    return false; // no room, or not allowed: the page warns instead before it is left
  }
}

export function kept(page) {
  try {
    return JSON.parse(localStorage.getItem(name(page)));
  } catch {
    return null;
  }
}

export function forget(page) {
  try {
    localStorage.removeItem(name(page));
  } catch {
    // then nothing is kept either
  }
}

function prune() {
  const all = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  const aged = all.map((key) => [JSON.parse(localStorage.getItem(key))?.at ?? 0, key]).sort((a, b) => b[0] - a[0]);
  const oldest = Date.now() - DAYS * 86_400_000;
  aged.forEach(([at, key], place) => (place >= MOST || at < oldest) && localStorage.removeItem(key));
}
