// Nothing that is typed on the write page is lost: each key goes into the browser's database, the server's autosave
// follows, and only what the server has confirmed is called saved. A button that saves waits for a server that answers
// and for the pictures that are on their way.

import { dateFormats } from "./dates.js";
import * as localDrafts from "./local-drafts.js";
import { PATIENCE, bar, startNewTab, form, refreshToken, says, tab, token } from "./editor-session.js";
import { ask as askAboutPictures } from "./pictures.js";
import * as text from "./editor.js";
import { offer } from "./unsaved-changes.js";
import * as uploads from "./uploads.js";

const PAUSE = 3_000; // after the last key
const LATEST = 15_000; // after the first key that is not saved
const RETRIES = [2_000, 4_000, 8_000, 16_000, 32_000, 60_000];
const KEEPALIVE_BYTES = 60_000; // what a browser still sends for a page that goes

const LET_THROUGH = new Set(["long", "refused"]); // the form itself is told better what is wrong
const HANDLES = new Set(["csrfmiddlewaretoken", "action", "mark", "tab", "count", "seen", "over", "wanted"]);

const word = bar.querySelector(".saved__word");
const login = bar.querySelector(".saved__login");
const alarm = bar.querySelector("[role=alert]");
const { timeOrDay } = dateFormats(says.dates);

let count = 0; // keys pressed here
let confirmed = 0; // the last one that the server has
const opened = "dirty" in says ? null : fields(); // what the server has, where the form shows that
let untouched = opened; // what the form says when nothing is changed
let standing = fields(); // what it said when it was last looked at
let firstKey = 0; // when the first unconfirmed one was pressed
let lastKey = 0;
let lastSaved = null;
let failure = ""; // why the last try failed: a word of the element's data-
let tries = 0;
let timer = 0;
let sending = null;
let writing = null; // the write to the database that is under way
let writeAgain = false;
let isKept = true; // the browser has a database
let isByHand = false; // somebody has typed into this form
let pressed = null; // a button that waits for the server
let isPassing = false; // the form is on its way
let leavesPictures = false; // the writer knows that some are missing

// With its mark in the address a new post is found again: on a reload, and by Back after its first save.
if (says.place.startsWith("new-") && !("dirty" in says)) history.replaceState(null, "", says.address + location.hash);
form.addEventListener("input", typed);
form.addEventListener("change", (event) => event.isTrusted || typed(event)); // a choice that a script made
form.addEventListener("submit", submit);
addEventListener("online", () => failure && save());
addEventListener("pagehide", leave);
addEventListener("beforeunload", (event) => {
  const isWaiting = uploads.pending().some(({ state }) => state !== "refused") && !leavesPictures;
  if (isWaiting || (!isKept && count > confirmed)) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") leave();
  else if (failure) save();
});
uploads.start(note);
uploads.watch(() => pressed && !uploads.pending().length && !sending && save({ even: true }));
if ("dirty" in says) typed();
offer(use);

function typed(event) {
  const now = fields();
  if (event && isSame(now, standing)) return; // a field that tidied itself, or one that is not sent
  standing = now;
  const isTheirs = Boolean(event) && text.isByHand(event);
  isByHand ||= isTheirs;
  count += 1;
  lastKey = Date.now();
  firstKey ||= lastKey;
  // Who types on after pressing has changed their mind; a field that tidies itself when it is left has not.
  if (isTheirs) withdraw();
  note();
  if (!failure) schedule(Math.min(lastKey + PAUSE, firstKey + LATEST));
  show();
}

// What was typed elsewhere comes into the form. What stands there is kept as another tab's.
async function use(entry) {
  if (isByHand && count > confirmed) {
    await note();
    await uploads.release();
    startNewTab();
  }
  isByHand = false;
  fill(entry.fields);
  form.elements.seen.value = `${entry.tab}:${entry.count}`;
  untouched = null;
  typed();
  await note();
  await uploads.adopt(entry.tab).catch(() => {}); // a browser that keeps nothing has none
  if (isKept && entry.tab !== tab()) await localDrafts.remove(entry.key);
}

// The browser's database

// Resolves when all that is typed so far is in it.
function note() {
  writeAgain = true;
  writing ??= new Promise((later) => setTimeout(later)).then(writeAll).finally(() => (writing = null));
  return writing;
}

async function writeAll() {
  while (writeAgain) {
    writeAgain = false;
    await write();
  }
}

async function write() {
  if (count <= confirmed) return;
  try {
    await localDrafts.put({
      key: `${says.place}/${tab()}`,
      who: says.who,
      place: says.place,
      kind: says.kind,
      address: says.address,
      tab: tab(),
      count,
      title: form.elements.title.value,
      fields: standing,
      changed: changed(standing),
      at: lastKey,
    });
    isKept = true;
  } catch {
    isKept = false; // forbidden or full; what is shown says so
  }
}

function fields() {
  return [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !HANDLES.has(name) && !name.includes("password"),
  );
}

function isSame(fields, others) {
  return fields.length === others.length && fields.every(([name, value], at) => name === others[at][0] && value === others[at][1]);
}

// The names of the fields that say something else than the server; null where that is not known.
function changed(now) {
  if (!opened) return null;
  const said = (values, name) => values.filter((each) => each[0] === name);
  const names = new Set([...opened, ...now].map(([name]) => name));
  return [...names].filter((name) => !isSame(said(opened, name), said(now, name)));
}

function fill(values) {
  const known = new Set(values.map(([name]) => name));
  for (const field of form.elements) {
    if (!field.name || HANDLES.has(field.name) || field.type === "file" || field.name.includes("password")) continue;
    const given = values.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = given.includes(field.value);
    else if (field.type === "select-multiple") {
      for (const option of field.options) option.selected = given.includes(option.value);
    } else if (!known.has(field.name)) continue;
    else if (field.name === text.name) text.load(given[0]);
    else field.value = given[0];
    field.dispatchEvent(new Event("input"));
  }
}

// The server

function schedule(moment) {
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, moment - Date.now()));
}

// One try at a time, and none where nothing is new, unless somebody must know whether the server is there (`even`).
async function save({ even = false } = {}) {
  clearTimeout(timer);
  if (sending) {
    await sending;
    even = false;
  }
  if (sending || (count <= confirmed && !even && !failure)) return;
  sending = attempt();
  const wasFailed = Boolean(failure);
  failure = await sending;
  sending = null;
  if (wasFailed && !failure) uploads.retry(); // what kept the text away has kept them away, too
  tries = failure ? tries + 1 : 0;
  if (failure) schedule(Date.now() + RETRIES[Math.min(tries, RETRIES.length) - 1]);
  else if (count > confirmed) schedule(Math.min(lastKey + PAUSE, firstKey + LATEST));
  show();
  if (pressed && (!failure || LET_THROUGH.has(failure))) press();
}

async function attempt(again = false) {
  const sent = count;
  const began = Date.now();
  let answer;
  try {
    answer = await fetch(says.keep, {
      method: "POST",
      body: body(),
      headers: { "X-CSRFToken": token() },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.ok) {
      const told = await answer.json();
      if (told.revision !== sent) return "away";
      arrived(sent, began, told);
      return "";
    }
    if (answer.status === 403 || answer.status === 409) {
      const why = await refreshToken();
      if (why !== "fresh") return why;
      return again ? "refused" : attempt(true);
    }
  } catch {
    return "away";
  }
  if (answer.status === 413) return "long";
  return answer.status === 404 ? "refused" : "away";
}

function arrived(sent, began, told) {
  confirmed = sent;
  lastSaved = new Date();
  firstKey = count > sent ? began : 0;
  bar.classList.toggle("is-stale", told.is_stale);
  if (isKept) localDrafts.confirm(`${says.place}/${tab()}`, sent).catch(() => {});
}

function body() {
  const data = new FormData();
  const now = fields();
  for (const [name, value] of now) data.append(name, value);
  data.append("mark", form.elements.mark.value);
  data.append("seen", form.elements.seen.value);
  data.append("who", says.who);
  data.append("tab", tab());
  data.append("count", count);
  if (opened) data.append("changed", changed(now).join(" "));
  if (untouched && isSame(untouched, now)) data.append("same", "1");
  return data;
}

// The page goes, or lies behind another one: a last try, which outlives it where the text is short.
function leave() {
  if (count <= confirmed || sending) return;
  const data = body();
  const size = [...data.values()].reduce((sum, value) => sum + value.length * 3, 0);
  if (size > KEEPALIVE_BYTES) return void save();
  data.append("csrfmiddlewaretoken", token());
  const sent = count;
  const began = Date.now();
  fetch(says.keep, { method: "POST", body: data, keepalive: true })
    .then(async (answer) => answer.ok && sent > confirmed && arrived(sent, began, await answer.json()))
    .then(show)
    .catch(() => {});
}

// The buttons

// What saves the form is let through when the server has answered, knows this person and has the text.
async function submit(event) {
  const button = event.submitter;
  form.elements.tab.value = tab();
  form.elements.count.value = count;
  if (isPassing || event.defaultPrevented || button?.formTarget) return;
  event.preventDefault();
  uploads.stay();
  uploads.sayAll();
  leavesPictures = false;
  pressed = button ?? form.querySelector("button[name=action]");
  if (uploads.pending().length) {
    offerWithout();
    uploads.retry();
  }
  await save({ even: true });
}

function offerWithout() {
  askAboutPictures(pressed, { without: leavePictures, stay: withdraw });
}

function leavePictures() {
  leavesPictures = true;
  save({ even: true });
}

// The button is not to do its work after all.
function withdraw() {
  pressed = null;
  uploads.stay();
  askAboutPictures(null);
}

function press() {
  // Those of another tab may have come after the press.
  if (uploads.pending().length && !leavesPictures) return void offerWithout();
  const button = pressed;
  withdraw();
  uploads.finish();
  isPassing = true;
  form.requestSubmit(button);
  isPassing = false;
}

// What is shown

function show() {
  const since = timeOrDay(lastSaved || firstKey || Date.now());
  const isFailed = Boolean(failure);
  let text = "";
  if (isFailed) {
    text = says[failure === "away" && !isKept ? "alone" : failure].replace("%s", since);
    if (pressed) text += ` ${says.follows.replace("%s", pressed.textContent.trim())}`;
  } else if (count > confirmed) text = lastSaved ? says.changed.replace("%s", since) : says.unsaved;
  else if (lastSaved) text = says[bar.classList.contains("is-stale") ? "stale" : "saved"].replace("%s", since);
  else return;
  bar.classList.toggle("is-failed", isFailed);
  login.hidden = !["out", "other"].includes(failure);
  if (word.textContent !== text) word.textContent = text;
  // Spoken once when it breaks and once when it is well again, not at every save.
  if (isFailed !== Boolean(alarm.dataset.failed)) {
    alarm.textContent = text;
    alarm.dataset.failed = isFailed ? "1" : "";
  }
}
