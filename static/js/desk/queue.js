// The lists and the review by single keys, as in WordPress: j k move, a s d u r q x do what the buttons do, z undoes.
// A thing that a key presses says so itself: data-key="a".
//
// Whoever types an answer decides nothing: no key works while an answer is open, in a field, with a modifier or an input
// method, once a key has led away from the page, nor before the page has been in sight for a moment.

import * as answers from "./answers.js";

const SIGHT = 400; // milliseconds in which nobody can have read a comment
const stays = "longrun.keys";
let shut = true;

addEventListener("pageshow", shown);
setUp();

// Call it when another comment is put into the page as well.
export function shown() {
  shut = true;
  delete document.body.dataset.keys;
  setTimeout(() => {
    shut = false;
    document.body.dataset.keys = "on";
  }, SIGHT);
}

export function setUp() {
  answers.setUp();
  const box = switchOfKeys();
  if (box) {
    box.closest(".keyboard-shortcuts").hidden = false;
    box.checked = read() !== "off";
    box.addEventListener("change", () => write(box.checked ? "on" : "off"));
  }
}

document.addEventListener("click", (event) => {
  const way = event.target.closest("[data-opens], [data-closes]");
  if (!way || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openAnswer(Boolean(way.dataset.opens));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isComposed(event) && closeAnswer()) return event.preventDefault();
  if (isWithModifier(event) || isComposed(event) || isInField(event.target) || answerIsOpen()) return;
  if (shut || !switchOfKeys()?.checked) return;
  const key = event.key.toLowerCase();
  if (event.repeat && key !== "j" && key !== "k") return; // a key held too long decides once
  if (press(key) || (letters().length > 1 && step(key))) event.preventDefault();
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

// In the letter that has the focus, else on the page outside the letters of a list.
function press(key) {
  const thing = within(here(), key) ?? [...marked(document, key)].find((each) => letters().length < 2 || !each.closest("[data-desk-comment]"));
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
  const all = letters();
  const at = all.indexOf(here());
  const next = all[at < 0 ? 0 : at + (key === "j" ? 1 : -1)];
  next?.focus();
  return true;
}

// Answers: in the review one form in the place of the buttons, in a list one below each letter

function answerIsOpen() {
  return Boolean(document.querySelector("#reply:not([hidden]), .desk-comment__reply[open]"));
}

function openAnswer(open) {
  document.querySelector("#reply").hidden = !open;
  document.querySelector("#actions").hidden = open;
  document.querySelector(open ? "#reply textarea" : "[data-desk-comment]").focus({ preventScroll: !open });
}

// What was typed stays in the field.
function closeAnswer() {
  const within = document.activeElement?.closest("#reply, .desk-comment__reply[open]");
  if (!within) return false;
  if (within.id === "reply") openAnswer(false);
  else {
    within.open = false;
    within.closest("[data-desk-comment]")?.focus();
  }
  return true;
}

// Things of the page

function letters() {
  return [...document.querySelectorAll("[data-desk-comment]")];
}

function here() {
  return document.activeElement?.closest("[data-desk-comment]") ?? null;
}

function within(letter, key) {
  return letter && [...marked(letter, key)][0];
}

function marked(place, key) {
  return /^[a-z]$/.test(key) ? place.querySelectorAll(`[data-key~="${key}"]`) : [];
}

function switchOfKeys() {
  return document.querySelector(".keyboard-shortcuts input");
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
