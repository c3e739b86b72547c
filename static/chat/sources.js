/** The passage behind a source chip, in a panel at the side. The chip carries it, so it is there after a reload too. */

export function sourcesOpen(root, panel) {
  const part = (name) => panel.querySelector(`#source-${name}`);
  root.addEventListener("click", (event) => {
    const chip = event.target.closest("button.source");
    if (!chip) return;
    part("number").textContent = chip.dataset.number;
    part("title").textContent = chip.dataset.title;
    part("quote").textContent = chip.dataset.quote;
    part("version").textContent = chip.dataset.version ? `, version ${chip.dataset.version}` : "";
    panel.showModal();
    part("quote").scrollTop = 0;
  });
  panel.addEventListener("click", (event) => {
    if (event.target === panel && isOutside(panel, event)) panel.close();
  });
}

function isOutside(panel, { clientX, clientY }) {
  const box = panel.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}
