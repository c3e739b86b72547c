// The menus of the bar, and the texts behind the little i: Escape and a click elsewhere close them.

/** @param {HTMLElement} page */
export function barStart(page) {
  const menus = [...page.querySelectorAll("details.an-pick")];
  document.addEventListener("click", event => {
    for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    for (const menu of menus) if (menu.open) close(menu);
    for (const info of page.querySelectorAll(".an-info")) tipClose(info);
  });
  for (const menu of menus) {
    menu.addEventListener("toggle", () => {
      if (!menu.open) return;
      menu.classList.remove("an-end");
      menu.classList.toggle("an-end", menu.querySelector(".an-menu").getBoundingClientRect().right > innerWidth - 12);
      menu.querySelector("input:checked, a, input:not([type=hidden])")?.focus();
    });
    menu.addEventListener("focusout", event => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  }
}

function close(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

/** Gone until the pointer or the focus comes back. */
function tipClose(info) {
  const around = info.parentElement;
  around.classList.add("an-closed");
  const again = () => around.classList.remove("an-closed");
  around.addEventListener("pointerleave", again, { once: true });
  info.addEventListener("blur", again, { once: true });
}
