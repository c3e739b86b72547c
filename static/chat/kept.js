/** What a page keeps over a reload. In a frame of another site browsers may refuse it: then it lasts as long as the page. */

const memory = new Map();

export function kept(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return memory.get(name) ?? null;
  }
}

export function keep(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    memory.set(name, String(value));
  }
}
