/** Dragging a meaning onto a column of the mapping; typing into the box does the same. */
const KIND = "application/x-waystation-meaning";

function rowOf(event: Event): HTMLTableRowElement | null {
  return (event.target as Element).closest?.<HTMLTableRowElement>("tr[data-column]") ?? null;
}

function boxOf(row: Element): HTMLInputElement | null {
  return row.querySelector<HTMLInputElement>("input[data-meaning]");
}

for (const chips of document.querySelectorAll<HTMLElement>("[data-chips]")) {
  chips.hidden = matchMedia("(pointer: coarse)").matches;
}
document.addEventListener("dragstart", (event) => {
  const chip = (event.target as Element).closest?.<HTMLElement>("[data-chip]");
  if (!chip?.dataset.chip || !event.dataTransfer) return;
  event.dataTransfer.setData(KIND, chip.dataset.chip);
  event.dataTransfer.effectAllowed = "copy";
});
document.addEventListener("dragover", (event) => {
  const row = rowOf(event);
  if (!row || !boxOf(row) || !event.dataTransfer?.types.includes(KIND)) return;
  event.preventDefault();
  row.classList.add("is-selected");
});
document.addEventListener("dragleave", (event) => rowOf(event)?.classList.remove("is-selected"));
document.addEventListener("drop", (event) => {
  const row = rowOf(event);
  const meaning = event.dataTransfer?.getData(KIND);
  const box = row && boxOf(row);
  if (!row || !box || !meaning) return;
  event.preventDefault();
  row.classList.remove("is-selected");
  box.value = meaning;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  box.focus();
});
