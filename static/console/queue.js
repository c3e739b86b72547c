// The queue's page beyond what it does without scripts: live rows, keys, filters that apply themselves.

import { keysStart } from "./queue/keys.js";
import { rowsStart } from "./queue/rows.js";
import { selectionStart } from "./queue/selection.js";

const queue = document.querySelector("[data-queue]");
if (queue) {
  const status = queue.querySelector("[data-status]");
  const say = words => { status.textContent = ""; requestAnimationFrame(() => { status.textContent = words; }); };
  const selection = selectionStart(queue);
  const rows = rowsStart(queue, { say, selection });
  keysStart(queue, { say, selection, rows });
  filtersStart(queue.querySelector("[data-filters]"));
}

/** A choice applies at once; an empty field does not appear in the address. */
function filtersStart(form) {
  form.classList.add("cq-q-alive");
  form.addEventListener("change", event => { if (event.target.matches("select, input[type=number]")) form.requestSubmit(); });
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
  window.addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });
}
