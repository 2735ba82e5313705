// The text of the write page. Whatever reads or changes it does so through these functions, whichever of the two editors
// is there: the plain field, or the one that shows Markdown as it will look (rich-editor.js), which takes its place once
// it is loaded. The form sends the same text, under the field's name. Positions are indexes into the string that `text()`
// answers.

import * as plain from "./plain-editor.js";

const PLAIN = "longrun.plain-text"; // in this browser's storage
const REST = 300; // ms after the last key, when the field gets the text of the rich editor

const listeners = [];
let current = plain;
let rich = null;
let isQuiet = false;
let isTyping = false; // the rich editor tells of what the writer did
let isComposing = false;
let resting = 0;
let whenReturn = () => false;

// Where it stands on the page, and where its keys arrive; null on a page without a text. `name` is its field's name.
export const element = document.querySelector(".write__editor");
export const name = plain.field?.name;

export function text() {
  return current.text();
}

export function selection() {
  return current.selection();
}

export function select(start, end = start) {
  current.select(start, end);
}

export function focus() {
  current.focus();
}

export function hasFocus() {
  return current.hasFocus();
}

// Puts words in place of those from `from` to `to` and the writer behind them, as if they had typed it: undo takes it back.
export function replace(from, to, words) {
  current.replace(from, to, words);
}

// The same for what comes by itself: the writer stays at the same words, in the same field, and sees the same part of
// the page. Wants `rest()` first.
export function replaceQuietly(from, to, words) {
  if (text().slice(from, to) === words) return;
  const place = [scrollX, scrollY];
  const by = words.length - (to - from);
  const moved = (at) => (at < from || (at === from && to > from) ? at : Math.max(from, at + by));
  const { start, end } = selection();
  isQuiet = true;
  current.replaceQuietly(from, to, words, { start: moved(start), end: moved(end) });
  isQuiet = false;
  scrollTo({ left: place[0], top: place[1], behavior: "instant" });
}

// Whether this event of the form is the writer's doing, and no change that came by itself.
export function isByHand(event) {
  return (event.isTrusted || isTyping) && !isQuiet;
}

// Answers when nobody is in the middle of a composed letter (é, 漢), which a change would break.
export async function rest() {
  while (isComposing || current.isComposing()) await new Promise((resolve) => setTimeout(resolve, 20));
}

// Another text altogether; there is nothing to undo.
export function load(words) {
  current.load(words);
}

// Calls `listener({ from, to, length })` after each change: what stood from `from` to `to` is `length` long now.
export function changed(listener) {
  listeners.push(listener);
}

// Calls `deed()` when Return is pressed; where it answers true, that was all.
export function atReturn(deed) {
  whenReturn = deed;
}

// How many pixels below the upper edge of `element` the line with `at` begins.
export function lineTop(at) {
  return current.lineTop(at);
}

// Whether the plain field is there, by choice or because the other editor did not load.
export function isPlain() {
  return current === plain;
}

// The writer's choice, which this browser remembers.
export async function setPlain(yes) {
  remember(yes);
  if (yes) show(plain);
  else await openRich();
}

// Puts the text into the field, too: for browsers that keep it for their Back button, and for extensions.
export function settle() {
  clearTimeout(resting);
  if (current === rich) plain.mirror(rich.text());
}

function tell(change) {
  for (const listener of listeners) listener(change);
}

async function openRich() {
  try {
    rich ??= await (await import("./rich-editor.js")).open(element, plain, tellOfTyping, () => whenReturn());
  } catch {
    rich = null; // it did not load, or this browser cannot run it: the field is there
    return;
  }
  await rest();
  if (!isRemembered()) show(rich);
}

// The field is changed by its writer, or behind another editor by somebody who knows the field alone.
function tellOfField(change) {
  if (current === rich) rich.take(plain.text());
  tell(change);
}

function tellOfTyping(changes, isTheirs) {
  for (const change of changes) tell(change);
  clearTimeout(resting);
  resting = setTimeout(settle, REST);
  isTyping = isTheirs;
  plain.field.dispatchEvent(new Event("input", { bubbles: true }));
  isTyping = false;
}

// The other editor in the place of this one: with the same text, the writer at the same words.
function show(editor) {
  if (editor === current) return;
  const { start, end } = selection();
  const hadFocus = hasFocus();
  const words = text();
  const { node } = current;
  current = editor;
  if (editor === plain) plain.mirror(words);
  else rich.take(words);
  editor.node.hidden = false;
  node.hidden = true;
  select(start, end);
  if (hadFocus) focus();
  element.dispatchEvent(new CustomEvent("editor-shown", { bubbles: true }));
}

function remember(yes) {
  try {
    if (yes) localStorage.setItem(PLAIN, "yes");
    else localStorage.removeItem(PLAIN);
  } catch {
    // A browser that keeps nothing: it is the choice of this page.
  }
}

function isRemembered() {
  try {
    return localStorage.getItem(PLAIN) === "yes";
  } catch {
    return false;
  }
}

document.addEventListener("compositionstart", () => (isComposing = true));
document.addEventListener("compositionend", () => setTimeout(() => (isComposing = false)));

if (plain.field) {
  plain.listen(tellOfField, () => whenReturn());
  // A link to the field of an error leads to the text, which may be in the other editor.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(`a[href="#${plain.field.id}"]`) || isPlain()) return;
    event.preventDefault();
    focus();
  });
  plain.field.form.addEventListener("formdata", ({ formData }) => formData.set(name, text()));
  addEventListener("pagehide", settle);
  if (element && !isRemembered()) openRich();
}
