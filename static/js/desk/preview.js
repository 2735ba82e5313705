// The text as readers will see it, made by the server: beside the text where there is room, else under it.

import { element } from "./editor.js";

const pane = document.querySelector("#live-preview");
const button = document.querySelector('[data-tool="preview"]');
const REST = 500; // ms after the last key
const APART = 2100; // ms between two, which is what the server allows

if (element && pane && button) {
  const form = pane.closest("form");
  const shown = pane.querySelector(".live-preview__page");
  const told = pane.querySelector("[role=status]");
  let waiting;
  let next = 0;
  let asking = null;

  button.addEventListener("click", () => {
    open(button.ariaPressed !== "true");
    remember(button.ariaPressed);
  });
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  addEventListener("scroll", follow, { passive: true });
  shown.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    link.target = "_blank"; // what is typed stays where it is
    link.rel = "noopener";
  });
  if (remembered() === "true") open(true);

  function open(yes) {
    button.ariaPressed = String(yes);
    pane.hidden = !yes;
    form.classList.toggle("has-live-preview", yes);
    document.body.classList.toggle("is-wide", yes);
    if (yes) later();
  }

  function later() {
    if (pane.hidden) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, Math.max(REST, next - Date.now()));
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    next = Date.now() + APART;
    const body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "title", "source", "language", "format", "link_url", "featured"]) {
      body.set(name, new FormData(form).get(name) ?? "");
    }
    try {
      const answer = await fetch(pane.dataset.url, { method: "POST", body, signal: asking.signal });
      if (answer.status === 429) {
        next = Date.now() + 1000 * Number(answer.headers.get("Retry-After") ?? 5);
        return later();
      }
      if (!answer.ok) throw new Error(answer.status);
      shown.innerHTML = await answer.text();
      told.textContent = "";
      follow();
    } catch (trouble) {
      if (trouble.name !== "AbortError") told.textContent = pane.dataset.failed;
    }
  }

  // As far down in the preview as the middle of the window is in the text.
  function follow() {
    if (pane.hidden || getComputedStyle(pane).position !== "sticky") return;
    const text = element.getBoundingClientRect();
    const part = (innerHeight / 2 - text.top) / text.height;
    const end = shown.scrollHeight - shown.clientHeight;
    const middle = part * shown.scrollHeight - shown.clientHeight / 2;
    shown.scrollTop = text.top >= 0 ? 0 : text.bottom <= innerHeight ? end : Math.min(end, Math.max(0, middle));
  }
}

function remember(value) {
  try {
    localStorage.setItem("longrun.preview", value);
  } catch {
    // A browser that keeps nothing: the preview begins shut.
  }
}

function remembered() {
  try {
    return localStorage.getItem("longrun.preview");
  } catch {
    return null;
  }
}
