/** Theme, density and digits: kept in a cookie that the server reads, so that no page flashes. */
const YEAR = 365 * 24 * 60 * 60;

function keep(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = value === "auto" ? 0 : YEAR;
  document.cookie = `${name}=${value}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}

/** Let buttons with data-set="theme:dark" set what they name. */
export function startSwitches(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-set]");
    const [name, value] = button?.dataset.set?.split(":") ?? [];
    if (!button || !name || !value) return;
    keep(name, value);
    if (value === "auto") delete document.documentElement.dataset[name];
    else document.documentElement.dataset[name] = value;
    for (const other of document.querySelectorAll<HTMLButtonElement>(`button[data-set^="${name}:"]`)) {
      other.setAttribute("aria-pressed", String(other.dataset.set === button.dataset.set));
    }
    if (name === "digits") location.reload();
    if (name === "theme") document.dispatchEvent(new CustomEvent("waystation:theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent("waystation:theme"));
  });
}

/** Say whether the page is dark now. */
export function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}
