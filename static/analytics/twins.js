// Every chart has its table. Shown is one of the two; for readers of the page by voice or braille the table is always there.

/** @param {HTMLElement} page */
export function twinsStart(page) {
  for (const button of page.querySelectorAll("[data-twin]")) {
    const twin = document.getElementById(button.getAttribute("aria-controls"));
    button.hidden = false;
    reachable(twin, false);
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      twin.classList.toggle("an-open", open);
      reachable(twin, open);
    });
  }
  for (const twin of page.querySelectorAll(".an-twin")) {
    if (!page.querySelector(`[aria-controls="${twin.id}"]`)) aloneShow(twin);
  }
}

/** After the rows of a table were renewed. */
export function twinsRenew(page) {
  for (const button of page.querySelectorAll("[data-twin]")) {
    reachable(document.getElementById(button.getAttribute("aria-controls")), button.getAttribute("aria-pressed") === "true");
  }
}

/** The Tab key does not lead into what cannot be seen. */
function reachable(twin, open) {
  if (open) twin.tabIndex = 0;
  else twin.removeAttribute("tabindex");
  for (const link of twin.querySelectorAll("a")) {
    if (open) link.removeAttribute("tabindex");
    else link.tabIndex = -1;
  }
}

/** A table without a chart: shown when the panel has nothing else, else kept for those who read the page aloud. */
function aloneShow(twin) {
  reachable(twin, twin.classList.contains("an-alone"));
}
