// The plain field as the editor of the write page: a <textarea>, which also works without scripts. editor.js says what
// each function is for.

import { difference } from "./text-difference.js";

export const field = document.querySelector("#id_source");
export const node = field;

let known = field?.value ?? "";
let told = () => {};
let announced = null; // the change that `replace` is making

export function text() {
  return field.value;
}

export function selection() {
  return { start: field.selectionStart, end: field.selectionEnd };
}

export function select(start, end = start) {
  field.setSelectionRange(start, end);
}

export function hasFocus() {
  return document.activeElement === field;
}

export function focus() {
  field.focus({ preventScroll: true });
}

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

export function replaceQuietly(from, to, words, after) {
  const before = document.activeElement;
  replace(from, to, words);
  select(after.start, after.end);
  if (before !== field) before?.focus?.({ preventScroll: true });
}

export function isComposing() {
  return false;
}

export function load(words) {
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Measured in a copy of the field that nobody sees.
export function lineTop(at) {
  const copy = Object.assign(document.createElement("div"), { className: `${field.className} write__copy` });
  const place = Object.assign(document.createElement("span"), { textContent: "\u200b" });
  copy.ariaHidden = "true";
  copy.append(text().slice(0, at), place);
  field.after(copy);
  const top = place.offsetTop - copy.offsetTop - field.scrollTop;
  copy.remove();
  return top;
}

// Calls `listener` after each change, and `whenReturn` when Return is pressed: it answers whether it has done something.
export function listen(listener, whenReturn) {
  told = listener;
  field.addEventListener("keydown", (event) => {
    const isPlain = !(event.isComposing || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey);
    if (event.key === "Enter" && isPlain && whenReturn()) event.preventDefault();
  });
}

field?.addEventListener("input", () => {
  const now = field.value;
  if (now === known) return;
  const isExact = announced && now.length === known.length + announced.length - (announced.to - announced.from);
  const change = isExact ? announced : difference(known, now, field.selectionEnd);
  known = now;
  told(change);
});

// The words of another editor come into the field; they are no change to be told. It takes milliseconds with a long text.
export function mirror(words) {
  if (words === known) return;
  field.value = words;
  known = words;
}
