// Menus are <details>: one is open at a time, and leaving it closes it.

export function openMenu(menu) {
  if (!menu) return;
  menu.open = true;
  menu.querySelector(".cq-menu-body :is(button, select, input:not([type=hidden]))")?.focus();
}

export function menus() {
  const close = (but) => {
    for (const menu of document.querySelectorAll("details.cq-menu[open]")) if (!menu.contains(but)) menu.open = false;
  };
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("focusin", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.cq-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  });
}
