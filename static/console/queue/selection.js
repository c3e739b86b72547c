// Which cases are ticked, and the bar that tells what can be done with them.

export function selectionStart(queue) {
  const form = queue.querySelector("[data-act]");
  const bar = queue.querySelector("[data-bulk]");
  if (!bar) return { ids: () => [], show() {}, clear() {}, toggle() {}, renew() {} };
  queue.classList.add("cq-q-scripted");
  const words = bar.querySelector("[data-selected]");
  const boxes = () => [...form.querySelectorAll("input[name=e]:not(:disabled)")];
  const ticked = () => boxes().filter(box => box.checked);
  let last = null;

  function show() {
    const count = ticked().length;
    bar.classList.toggle("cq-q-shown", count > 0);
    words.textContent = `${count} selected`;
    for (const box of boxes()) box.closest("tr").classList.toggle("cq-q-ticked", box.checked);
    const whole = form.querySelector("[data-all]");
    if (!whole) return;
    whole.hidden = false;
    whole.checked = count > 0 && count === boxes().length;
    whole.indeterminate = count > 0 && !whole.checked;
  }

  function clear() {
    for (const box of boxes()) box.checked = false;
    show();
  }

  form.addEventListener("change", event => {
    if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
    show();
  });
  form.addEventListener("click", event => {
    const box = event.target.closest("input[name=e]");
    if (!box) return;
    if (event.shiftKey && last?.isConnected) { // everything between two clicks
      const shown = boxes(), [from, to] = [shown.indexOf(last), shown.indexOf(box)].sort((a, b) => a - b);
      for (const one of shown.slice(from, to + 1)) one.checked = box.checked;
    }
    last = box;
    show();
  });
  const unselect = bar.querySelector("[data-unselect]");
  unselect.hidden = false;
  unselect.addEventListener("click", clear);
  window.addEventListener("pageshow", show);
  show();

  return {
    ids: () => ticked().map(box => box.value),
    show,
    clear,
    renew: show,
    toggle(row) {
      const box = row?.querySelector("input[name=e]:not(:disabled)");
      if (box) { box.checked = !box.checked; show(); }
    },
  };
}
