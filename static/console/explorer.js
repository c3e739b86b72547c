// The little that the explorer's pages do by themselves: everything works without it.

const AGAIN_MS = 1500;

// A replay that is being worked on: look again until it is done, as long as somebody looks at the page.
if (document.querySelector("[data-waiting]")) {
  const look = () => (document.hidden ? setTimeout(look, AGAIN_MS) : window.location.reload());
  setTimeout(look, AGAIN_MS);
}

// A second click must not ask for the same a second time.
for (const form of document.querySelectorAll("form[data-once]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });
}

// Up and down go from step to step of the timeline, as in a list; Enter opens one, as everywhere.
for (const waterfall of document.querySelectorAll(".cq-waterfall")) {
  const lines = [...waterfall.querySelectorAll(".cq-span > summary")];
  waterfall.addEventListener("keydown", (event) => {
    const here = lines.indexOf(event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (here < 0 || !step) return;
    event.preventDefault();
    lines[Math.min(lines.length - 1, Math.max(0, here + step))].focus();
  });
}
