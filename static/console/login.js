// The browser's own autofocus comes too early: the frame hides the page until it knows light from dark.
const focus = () => {
  const field = document.querySelector("form [autofocus], #id_username");
  if (!field || document.activeElement === field) return;
  field.focus();
  if (document.activeElement !== field) requestAnimationFrame(focus);
};
focus();
