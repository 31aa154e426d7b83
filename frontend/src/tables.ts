/** Choosing rows, filters that send themselves, and places to drop a file. */
const ROW = "input[type=checkbox][data-row]";

function tell(table: Element): void {
  const boxes = [...table.querySelectorAll<HTMLInputElement>(ROW)];
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr")?.classList.toggle("is-selected", box.checked);
  const all = table.querySelector<HTMLInputElement>("[data-all-rows]");
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  const scope = table.closest("form") ?? document;
  for (const count of scope.querySelectorAll("[data-chosen-count]")) count.textContent = String(chosen.length);
  for (const part of scope.querySelectorAll<HTMLElement>("[data-when-chosen]")) part.hidden = chosen.length === 0;
}

let last: HTMLInputElement | null = null;

function choose(event: Event): void {
  const box = event.target as HTMLInputElement;
  const table = box.closest("table");
  if (!table) return;
  const boxes = [...table.querySelectorAll<HTMLInputElement>(ROW)];
  if (box.matches("[data-all-rows]")) {
    for (const row of boxes) row.checked = box.checked;
  } else if (last && last !== box && (event as MouseEvent).shiftKey && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b) as [number, number];
    for (const row of boxes.slice(from, to + 1)) row.checked = box.checked;
  }
  last = box.matches(ROW) ? box : null;
  tell(table);
}

export function startTables(): void {
  document.addEventListener("click", (event) => {
    if ((event.target as Element).matches?.(`${ROW}, [data-all-rows]`)) choose(event);
  });
  document.addEventListener("change", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-auto]");
    if (form && !form.matches("[hx-get], [hx-post]")) form.requestSubmit();
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const place = (event.target as Element).closest?.(".drop");
      place?.classList.toggle("is-over", kind === "dragover");
    });
  }
  for (const table of document.querySelectorAll("table:has([data-all-rows])")) tell(table);
}
