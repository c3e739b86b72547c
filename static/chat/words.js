/** What the page says of its own accord, in its reader's language; the server has put it into the page. */

export const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
export const language = document.documentElement.lang || "en";

/** The text `name` with its {values} filled in. */
export function say(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

/** What went wrong: the server's own sentence where it is in the reader's language, else that of its code. */
export function errorText(code, detail = "") {
  const { errors } = words;
  return (language === "en" && detail) || errors[code] || errors.error;
}
