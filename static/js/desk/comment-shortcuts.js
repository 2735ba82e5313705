// Keyboard shortcuts of the comment lists and the review, as in WordPress: j and k move, a s d u r q x press the
// buttons, z undoes. An element that a key presses names it: data-key="a".
//
// No key works while a reply is open, in a field, with a modifier or an input method, once a key has led away from the
// page, nor before the page has been visible for a moment.

import * as replyDrafts from "./reply-drafts.js";

const PAUSE = 400; // milliseconds in which nobody can have read a comment
const STORAGE_KEY = "longrun.keys";
let shut = true;

addEventListener("pageshow", pauseShortcuts);
setUp();

// Call it too when another comment is put into the page.
export function pauseShortcuts() {
  shut = true;
  delete document.body.dataset.keys;
  setTimeout(() => {
    shut = false;
    document.body.dataset.keys = "on";
  }, PAUSE);
}

export function setUp() {
  replyDrafts.restore();
  const box = shortcutsCheckbox();
  if (box) {
    box.closest(".keyboard-shortcuts").hidden = false;
    box.checked = read() !== "off";
    box.addEventListener("change", () => write(box.checked ? "on" : "off"));
  }
}

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-opens], [data-closes]");
  if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openReply(Boolean(control.dataset.opens));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isComposed(event) && closeReply()) return event.preventDefault();
  if (isWithModifier(event) || isComposed(event) || isInField(event.target) || replyIsOpen()) return;
  if (shut || !shortcutsCheckbox()?.checked) return;
  const key = event.key.toLowerCase();
  if (event.repeat && key !== "j" && key !== "k") return; // a key held too long decides once
  if (press(key) || (commentItems().length > 1 && step(key))) event.preventDefault();
});

function isWithModifier(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.getModifierState?.("AltGraph");
}

function isComposed(event) {
  return event.isComposing || event.keyCode === 229; // Safari says so only by the number
}

function isInField(target) {
  return Boolean(target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]"));
}

// In the comment that has the focus, else on the page outside the comments of a list.
function press(key) {
  const thing = within(focusedItem(), key) ?? [...marked(document, key)].find((each) => commentItems().length < 2 || !each.closest("[data-desk-comment]"));
  if (!thing) return waitForUndo(key);
  if (leadsAway(thing)) shut = true;
  thing.click();
  if (thing.tagName === "SUMMARY" && thing.parentElement.open) thing.parentElement.querySelector("textarea")?.focus();
  return true;
}

// A decision that is on its way has no undo yet: it is pressed when it comes, and nothing else meanwhile.
function waitForUndo(key) {
  const told = document.querySelector("#review-notice.is-awaited");
  if (!told || !"uz".includes(key)) return false;
  told.dataset.wanted = key;
  shut = true;
  return true;
}

function leadsAway(thing) {
  return !thing.dataset.opens && (thing.tagName === "A" || thing.tagName === "BUTTON");
}

function step(key) {
  if (key !== "j" && key !== "k") return false;
  const all = commentItems();
  const at = all.indexOf(focusedItem());
  const next = all[at < 0 ? 0 : at + (key === "j" ? 1 : -1)];
  next?.focus();
  return true;
}

// Replies: in the review one form in the place of the buttons, in a list one below each comment

function replyIsOpen() {
  return Boolean(document.querySelector("#reply:not([hidden]), .desk-comment__reply[open]"));
}

function openReply(open) {
  document.querySelector("#reply").hidden = !open;
  document.querySelector("#actions").hidden = open;
  document.querySelector(open ? "#reply textarea" : "[data-desk-comment]").focus({ preventScroll: !open });
}

// What was typed stays in the field.
function closeReply() {
  const within = document.activeElement?.closest("#reply, .desk-comment__reply[open]");
  if (!within) return false;
  if (within.id === "reply") openReply(false);
  else {
    within.open = false;
    within.closest("[data-desk-comment]")?.focus();
  }
  return true;
}

// Things of the page

function commentItems() {
  return [...document.querySelectorAll("[data-desk-comment]")];
}

function focusedItem() {
  return document.activeElement?.closest("[data-desk-comment]") ?? null;
}

function within(item, key) {
  return item && [...marked(item, key)][0];
}

function marked(place, key) {
  return /^[a-z]$/.test(key) ? place.querySelectorAll(`[data-key~="${key}"]`) : [];
}

function shortcutsCheckbox() {
  return document.querySelector(".keyboard-shortcuts input");
}

// Where a browser keeps nothing, the keys work.
function read() {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

function write(value) {
  try {
    localStorage.setItem(STORAGE_KEY, value);
  } catch {
    // Then it holds for this page.
  }
}
