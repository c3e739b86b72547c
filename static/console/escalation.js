// The little that the escalation page does by itself: everything works without it.

for (const thread of document.querySelectorAll("[data-scroll-to-end]")) {
  const asking = thread.querySelector(".cq-asks"); // the first message that waits for an answer, else the last of all
  const top = asking ? asking.getBoundingClientRect().top - thread.getBoundingClientRect().top : thread.scrollHeight;
  thread.scrollTop = top - 4;
}

for (const area of document.querySelectorAll("textarea[data-grow]")) {
  const grow = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, 480)}px`;
  };
  area.addEventListener("input", grow);
  grow();
}

for (const form of document.querySelectorAll("form[data-reply-form]")) {
  const area = form.querySelector("textarea");
  const before = area.value;
  let sending = false;

  form.addEventListener("submit", (event) => {
    if (sending) event.preventDefault(); // a second click must not send twice
    sending = true;
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit(form.querySelector("button[value=send]"));
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && area.value !== before) event.preventDefault();
  });
  // Coming back with the browser's button shows the old page: it may be used again.
  window.addEventListener("pageshow", () => {
    sending = false;
  });
}
