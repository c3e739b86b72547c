/** Small elements that the parts of the page make. What comes from data is text and never markup. */

export const byId = (id) => document.getElementById(id);

/** An element with attributes and children; texts become text nodes. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function symbol(name) {
  return make("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, name);
}

export function button(label, act, { icon, kind = "cq-button an-small", ...attributes } = {}) {
  const made = make("button", { type: "button", class: kind, ...attributes }, icon ? symbol(icon) : null, label);
  made.addEventListener("click", act);
  return made;
}
