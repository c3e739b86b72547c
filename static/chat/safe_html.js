/**
 * HTML from the server, taken over element by element. The server has sanitised it already; here only what is on the
 * list below can get into the page at all.
 */

const TAGS = new Set([
  "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p",
  "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
]);
const ATTRIBUTES = { a: ["href"], ol: ["start"], td: ["colspan", "rowspan"], th: ["colspan", "rowspan"] };
const DROPPED = new Set(["script", "style", "template", "noscript", "svg", "math", "iframe", "object", "textarea"]);
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** A fragment with the allowed elements of `html`; of others only the text stays. */
export function htmlParse(html) {
  const fragment = document.createDocumentFragment();
  takeOver(new DOMParser().parseFromString(html, "text/html").body, fragment);
  return fragment;
}

function takeOver(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    else if (node.nodeType === Node.ELEMENT_NODE) takeOverElement(node, to);
  }
}

function takeOverElement(node, to) {
  const tag = node.localName;
  if (DROPPED.has(tag)) return;
  if (!TAGS.has(tag)) {
    takeOver(node, to);
    return;
  }
  const copy = document.createElement(tag);
  for (const name of ATTRIBUTES[tag] ?? []) {
    const value = node.getAttribute(name);
    if (value !== null && (name !== "href" || leadsOutside(value))) copy.setAttribute(name, value);
  }
  takeOver(node, copy);
  to.append(copy);
}

function leadsOutside(href) {
  try {
    return SCHEMES.has(new URL(href).protocol); // an address without a scheme is no URL and throws
  } catch {
    return false;
  }
}

/** Links of a reply open beside the chat, and learn nothing of it. */
export function linksOpenApart(root) {
  for (const link of root.querySelectorAll(".prose a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
}
