// The text of the write page. Whatever reads or changes it does so through these functions, so that another editor can
// take the place of the plain field. Positions are indexes into the string that `text()` answers.

const field = document.querySelector("#id_source");
const listeners = [];
let known = field?.value ?? "";
let announced = null; // the change that `replace` is making
let isQuiet = false;
let isComposing = false;

// Where it stands on the page and where its keys arrive; null on a page without a text. `name` is its field's name.
export const element = field;
export const name = field?.name;

export function text() {
  return field.value;
}

export function selection() {
  return { start: field.selectionStart, end: field.selectionEnd };
}

export function select(start, end = start) {
  field.setSelectionRange(start, end);
}

export function focus() {
  field.focus({ preventScroll: true });
}

// Puts words in place of those from `from` to `to` and the writer behind them, as if they had typed it: undo takes it back.
export function replace(from, to, words) {
  focus();
  select(from, to);
  if (!words && from === to) return;
  announced = { from, to, length: words.length };
  const done = words ? document.execCommand("insertText", false, words) : document.execCommand("delete");
  if (!done) {
    field.setRangeText(words, from, to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  announced = null;
}

// The same for what comes by itself: the writer stays at the same words, in the same field, and sees the same part of
// the page. Wants `rest()` first.
export function replaceQuietly(from, to, words) {
  if (text().slice(from, to) === words) return;
  const before = document.activeElement;
  const place = [scrollX, scrollY];
  const by = words.length - (to - from);
  const moved = (at) => (at < from || (at === from && to > from) ? at : Math.max(from, at + by));
  const { start, end } = selection();
  isQuiet = true;
  replace(from, to, words);
  isQuiet = false;
  select(moved(start), moved(end));
  if (before !== field) before?.focus?.({ preventScroll: true });
  scrollTo({ left: place[0], top: place[1], behavior: "instant" });
}

// Whether the change that is being announced came by itself.
export function isAutomatic() {
  return isQuiet;
}

// Answers when nobody is in the middle of a composed letter (é, 漢), which a change would break.
export function rest() {
  if (!isComposing) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("compositionend", () => setTimeout(resolve), { once: true }));
}

// Another text altogether; there is nothing to undo.
export function load(words) {
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Calls `listener({ from, to, length })` after each change: what stood from `from` to `to` is `length` long now.
export function changed(listener) {
  listeners.push(listener);
}

// How many pixels below the upper edge of `element` the line with `at` begins: measured in a copy of the field that
// nobody sees.
export function lineTop(at) {
  const copy = Object.assign(document.createElement("div"), { className: `${field.className} write__copy` });
  const place = Object.assign(document.createElement("span"), { textContent: "\u200b" });
  copy.ariaHidden = "true";
  copy.append(text().slice(0, at), place);
  field.after(copy);
  const top = place.offsetTop - field.scrollTop;
  copy.remove();
  return top;
}

field?.addEventListener("input", () => {
  const now = field.value;
  if (now === known) return;
  const isExact = announced && now.length === known.length + announced.length - (announced.to - announced.from);
  const change = isExact ? announced : difference(known, now, field.selectionEnd);
  known = now;
  for (const listener of listeners) listener(change);
});
document.addEventListener("compositionstart", () => (isComposing = true));
document.addEventListener("compositionend", () => (isComposing = false));

// Of several readings ("aa" to "aaa") the one that ends where the writer stands.
function difference(old, now, caret) {
  return atCaret(old, now, caret) ?? anywhere(old, now, caret);
}

// What a key does: letters come before the caret or go behind it, and all else is as it was. Whole strings are compared,
// which costs a long text nothing that is felt.
function atCaret(old, now, caret) {
  const grown = now.length - old.length;
  const from = Math.min(caret, caret - grown);
  const to = from + Math.max(0, -grown);
  if (from < 0 || old.slice(0, from) !== now.slice(0, from) || old.slice(to) !== now.slice(caret)) return null;
  return { from, to, length: caret - from };
}

function anywhere(old, now, caret) {
  const shorter = Math.min(old.length, now.length);
  const measure = (most) => {
    let after = 0;
    while (after < most && old[old.length - 1 - after] === now[now.length - 1 - after]) after += 1;
    let from = 0;
    while (from < shorter - after && old[from] === now[from]) from += 1;
    return { from, to: old.length - after, length: now.length - after - from };
  };
  const [near, least] = [measure(Math.min(shorter, now.length - caret)), measure(shorter)];
  return near.length <= least.length ? near : least;
}
