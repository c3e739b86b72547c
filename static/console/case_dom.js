// The few things that all scripts of the case page need.

export const byId = (id) => document.getElementById(id);

/** A piece of HTML that our own server made. */
export function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

export function button(words, onClick, ...classes) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = ["cq-button", "cq-small", ...classes].join(" ");
  made.textContent = words;
  made.addEventListener("click", onClick);
  return made;
}

/** The address of a part of the page, with what is asked of it. */
export function partAddress(page, part, asked = {}) {
  const address = new URL(page.dataset.parts.replace(/state\/$/, `${part}/`), location.href);
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  return address;
}

/** The answer, or an error whose message is for people. Who is not signed in any more gets the login. */
export async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", ...options });
  } catch {
    throw new Error("The server cannot be reached. Nothing is lost; try again.");
  }
  if (answer.redirected && new URL(answer.url).pathname.includes("/login/")) {
    location.reload();
    throw new Error("You are not signed in any more.");
  }
  if (!answer.ok) {
    const told = answer.headers.get("Content-Type")?.startsWith("text/plain") ? await answer.text() : "";
    throw new Error(told || "That did not work. Load the page again and try once more.");
  }
  return answer;
}

export const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";

/** Whether the line above the case is about that now. */
export const isTold = (about) => !byId("news").hidden && byId("news").dataset.about === about;

const NEWS_SECONDS = 8;
let hiding = 0;

/** A line above the case, with buttons; one that only tells goes by itself. `about` is for `isTold`. */
export function tell(words, { tone = "info", buttons = [], stays = false, about = "" } = {}) {
  const bar = byId("news");
  clearTimeout(hiding);
  const said = document.createElement("span");
  said.textContent = words;
  bar.replaceChildren(said, ...buttons, button("Dismiss", () => (bar.hidden = true), "cq-plain"));
  bar.dataset.tone = tone;
  bar.dataset.about = about;
  bar.hidden = false;
  if (!stays) hiding = setTimeout(() => (bar.hidden = true), NEWS_SECONDS * 1000);
}
