// The lists and the stack by single keys, as in WordPress: j k move, a s d u r q x do what the buttons do, z undoes.
// A thing that a key presses says so itself: data-key="a".

const letters = [...document.querySelectorAll("[data-letter]")];
const stays = "longrun.keys";
const box = document.querySelector(".keys input");

if (box) {
  box.closest(".keys").hidden = false;
  box.checked = read() !== "off";
  box.addEventListener("change", () => write(box.checked ? "on" : "off"));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !box?.checked) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  if (event.repeat && key !== "j" && key !== "k") return; // a key held too long decides once
  if (press(key) || (letters.length > 1 && step(key))) event.preventDefault();
});

// In the letter that has the focus, else on the page outside the letters of a list.
function press(key) {
  const thing = within(here(), key) ?? [...marked(document, key)].find((each) => letters.length < 2 || !each.closest("[data-letter]"));
  thing?.click();
  if (thing?.tagName === "SUMMARY" && thing.parentElement.open) thing.parentElement.querySelector("textarea")?.focus();
  return Boolean(thing);
}

function step(key) {
  if (key !== "j" && key !== "k") return false;
  const at = letters.indexOf(here());
  const next = letters[at < 0 ? 0 : at + (key === "j" ? 1 : -1)];
  next?.focus();
  return true;
}

function here() {
  return document.activeElement?.closest("[data-letter]") ?? null;
}

function within(letter, key) {
  return letter && [...marked(letter, key)][0];
}

function marked(place, key) {
  return /^[a-z]$/.test(key) ? place.querySelectorAll(`[data-key~="${key}"]`) : [];
}

// Where a browser keeps nothing, the keys work.
function read() {
  try {
    return localStorage.getItem(stays);
  } catch {
    return null;
  }
}

function write(value) {
  try {
    localStorage.setItem(stays, value);
  } catch {
    // Then it holds for this page.
  }
}
