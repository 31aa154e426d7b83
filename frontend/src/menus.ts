/** Menus close on Escape and on a click elsewhere; dialogs open by data-dialog. */
const OPEN = "details.menu[open]";

function closeMenus(except?: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN)) {
    if (menu !== except) menu.open = false;
  }
}

function openDialog(trigger: HTMLElement): void {
  const dialog = document.querySelector<HTMLDialogElement>(trigger.dataset.dialog ?? "");
  dialog?.showModal();
}

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    closeMenus(target.closest(OPEN));
    const trigger = target.closest<HTMLElement>("[data-dialog]");
    if (trigger) openDialog(trigger);
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
  });
  document.addEventListener("focusin", (event) => closeMenus((event.target as Element).closest(OPEN)));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = (document.activeElement ?? document.body).closest<HTMLDetailsElement>(OPEN);
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
  // A form with data-confirm asks first, in the words of the page.
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter;
    const question = button?.dataset.confirm ?? form.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
}
