/**
 * What pages keep, for frames whose browser refuses it: reading `sessionStorage` throws there. In its place stands one
 * that lasts as long as the page. Loaded before the chat's own scripts.
 */

class PageStorage {
  #kept = new Map();

  getItem(name) {
    return this.#kept.get(String(name)) ?? null;
  }

  setItem(name, value) {
    this.#kept.set(String(name), String(value));
  }

  removeItem(name) {
    this.#kept.delete(String(name));
  }

  clear() {
    this.#kept.clear();
  }
}

for (const name of ["sessionStorage", "localStorage"]) {
  try {
    void window[name];
  } catch {
    Object.defineProperty(window, name, { value: new PageStorage(), configurable: true });
  }
}
