/** htmx without eval or inline styles, and what a reader is told when a partial answer fails. */
import htmx from "htmx.org";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0, // pages hold personal data; none of them stays in the browser's storage
  selfRequestsOnly: true,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true }, // a form with its errors
    { code: "[45]..", swap: false, error: true },
  ],
});

/** Show a sentence at the foot of the page until it is closed or ten seconds pass. */
export function notify(sentence: string): void {
  const place = document.getElementById("notices");
  if (!place || !sentence) return;
  const notice = document.createElement("div");
  notice.className = "message error";
  notice.textContent = sentence;
  place.replaceChildren(notice);
  setTimeout(() => notice.remove(), 10_000);
}

const word = (name: string): string => document.getElementById("notices")?.dataset[name] ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  const { headers, verb } = (event as CustomEvent).detail;
  const token = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]");
  if (verb !== "get" && token) headers["X-CSRFToken"] = token.value;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = (event as CustomEvent).detail as { xhr: XMLHttpRequest };
  // A session that ended answers with the sign-in page: that belongs in the window, not in a part.
  if (new URL(xhr.responseURL || location.href, location.href).pathname.includes("/accounts/login/")) {
    event.preventDefault();
    location.reload();
  }
});
document.addEventListener("htmx:responseError", () => notify(word("failed")));
document.addEventListener("htmx:sendError", () => notify(word("offline")));
document.addEventListener("htmx:timeout", () => notify(word("offline")));
