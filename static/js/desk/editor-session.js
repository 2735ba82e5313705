// The session of the write page: the user, the post, the form and the tab in which it is open.

export const bar = document.querySelector("#saved");
export const form = bar.closest("form");
export const says = bar.dataset; // who, place, formerly, address … and every sentence of the line below the text
export const PATIENCE = 20_000; // for one answer

let current = random();
holdTab();

export function tab() {
  return current;
}

export function startNewTab() {
  current = random();
  holdTab();
}

export function random() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// While the tab lives, other tabs do not offer what it types.
function holdTab() {
  navigator.locks?.request(lockOf(current), () => new Promise(() => {}));
}

function lockOf(name) {
  return `longrun-${name}`;
}

// Resolves to `isOpen(tab)` for the moment; without locks (no https, an old browser) each tab counts as gone.
export async function openTabs() {
  const locks = await navigator.locks?.query();
  const held = new Set(locks?.held.map((lock) => lock.name));
  return (name) => held.has(lockOf(name));
}

// Resolves when the tab is closed: it may close while this page opens, and its lock is held a moment longer.
export function tabClosed(name) {
  return navigator.locks.request(lockOf(name), { mode: "shared" }, () => {});
}

// After a refusal: "out" where the login has ended, "other" where it is somebody else's now, "away" without an answer,
// and "fresh" when only the token was old; then the page has a new one.
export async function refreshToken() {
  let answer;
  try {
    answer = await fetch(says.token, { signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return "away";
  }
  if (!answer.ok) return "away";
  const { who, token } = await answer.json();
  if (!who) return "out";
  if (who !== says.who) return "other";
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  return "fresh";
}

export function token() {
  return form.elements.csrfmiddlewaretoken.value;
}
