// Files on their way into the text. Each waits for its turn, goes up and is linked where its writer was; until then it
// lies in this browser's database, and its place is a mark beside the text. What the line or the server keeps from
// arriving is tried again, also by the next page that takes it over.

import { anchor, located, mark, unmark } from "./tracked-positions.js";
import { PATIENCE, form, random, refreshToken, says, tab, token } from "./editor-session.js";
import { changed, replaceQuietly, rest, selection, text } from "./editor.js";
import { asBlock } from "./picture-dialog.js";
import { learn } from "./decorative-pictures.js";
import { sendPoster } from "./film-poster.js";
import * as waiting from "./waiting.js";

const SILENCE = 120_000; // ms after which a file that does not move on is given up for now
const LONGEST_SUBMIT = 120_000; // ms after which no page follows a form that was sent
const RETRIES = [2_000, 4_000, 8_000, 16_000, 32_000, 60_000]; // ms, where the server says nothing
const LONGEST_WAIT = 300_000;
const ROOM = 500_000_000; // bytes of all files that wait in this browser
const NOTING = 300; // ms after a change of the text
const PASSING = new Set([408, 425, 429]); // refusals that a later try may not meet

const told = document.querySelector("#uploads")?.dataset ?? {}; // its sentences, and where files go
const uploads = []; // in the order in which they were added
const listeners = [];
let noted = async () => {}; // answers when the text is kept
let isRunning = false;
let tries = 0;
let asked = 0; // ms for which the server, which is busy, has asked to wait: for all files
let timer = 0;
let noting = 0;
let goingUntil = 0; // the form is on its way: until then no arrival changes the text

// queued, sending, away (the server does not answer), out (the login has ended), refused, arrived
class Upload {
  state = "queued";
  progress = 0; // percent
  why = ""; // it was refused
  saidDecorative = false; // the library knows that it is
  kept = "here"; // "here" in this browser, else why not: "full" or "alone"
  writing = Promise.resolve();

  constructor(record, file = null) {
    this.record = record;
    this.file = file;
    this.mark = mark(file ? record.anchor.at : located(record.anchor));
  }

  // The record as it is now, in the browser's database.
  write(deed = waiting.put) {
    const { record } = this;
    record.anchor = anchor(this.mark.at);
    record.title = form.elements.title.value.trim() || text().trim().split("\n")[0].slice(0, 60);
    const copy = structuredClone(record);
    this.writing = this.writing.then(async () => {
      if (this.kept !== "here" || this.isRemoved) return;
      try {
        await deed(copy, this.file);
      } catch (trouble) {
        this.kept = trouble?.name === "QuotaExceededError" ? "full" : "alone";
        tell();
      }
    });
    return this.writing;
  }

  async send() {
    this.state = "sending";
    this.progress = 0;
    tell();
    try {
      this.file ??= await waiting.content(this.record.key);
      if (!this.file) throw new Error("gone");
    } catch {
      this.refuse(told.lost);
      return;
    }
    const { status, answer, wait } = await this.post();
    if (this.isRemoved) return;
    if (answer?.taken?.length) {
      await this.arrive(answer.taken[0]);
      sendPoster(answer.taken[0], token());
    } else if (status === 401 || status === 403) await this.ask();
    else if (status >= 400 && status < 500 && !PASSING.has(status)) this.refuse(answer?.refused?.[0]);
    else {
      this.state = "away";
      asked = wait;
    }
  }

  post() {
    return new Promise((resolve) => {
      const body = new FormData();
      body.set("csrfmiddlewaretoken", token());
      body.set("key", this.record.key);
      body.set("files", this.file, this.record.name);
      const request = new XMLHttpRequest();
      this.request = request;
      request.open("POST", told.media);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      let silence = null;
      const watch = () => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), SILENCE);
      };
      request.upload.addEventListener("progress", (event) => {
        watch();
        if (event.lengthComputable) this.progress = (100 * event.loaded) / event.total;
        tell();
      });
      request.addEventListener("loadend", () => {
        clearTimeout(silence);
        const seconds = Number(request.getResponseHeader("Retry-After"));
        const wait = seconds > 0 ? Math.min(seconds * 1_000, LONGEST_WAIT) : 0;
        resolve({ status: request.status, answer: request.response, wait });
      });
      watch();
      request.send(body);
    });
  }

  // Sent away without a word: with a new token it is tried once more at once.
  async ask() {
    const why = await refreshToken();
    if (why !== "fresh") this.state = why === "away" ? "away" : "out";
    else if (this.isSecondTry) this.refuse();
    else {
      this.isSecondTry = true;
      this.state = "queued";
    }
  }

  refuse(why = told.untaken) {
    this.state = "refused";
    this.why = why;
  }

  // It is in the library, and comes into the text. Each step is kept before the next one, so that a page that takes it
  // over links it once.
  async arrive(media) {
    tries = 0;
    this.record.media = media;
    this.record.isPicture = media.picture;
    await this.write();
    for (await rest(); Date.now() < goingUntil; await rest()) await new Promise((resolve) => setTimeout(resolve, 20));
    if (this.isRemoved) return;
    learn({ url: media.url, decorative: this.record.decorative });
    if (!text().includes(media.url)) this.link();
    this.said ??= this.inText();
    if (this.record.alt || this.record.caption || this.record.decorative) this.say();
    this.state = "arrived";
    this.file = null;
    tell();
    await noted();
    this.record.isLinked = true;
    await this.write();
    if (!media.picture) this.remove(); // there is nothing to ask
  }

  link() {
    const { at } = this.mark;
    this.said = this.line();
    const [gap, , end] = asBlock(at, this.said);
    const later = uploads.slice(uploads.indexOf(this) + 1).filter((other) => other.mark.at === at);
    replaceQuietly(at, at, `${gap}${this.said}${end}`);
    for (const other of later) {
      other.mark.at = at + gap.length + this.said.length + end.length;
      other.write();
    }
  }

  line() {
    const { alt, caption, media } = this.record;
    if (!media.picture) return media.markdown;
    const words = alt.trim().replace(/\[/g, "(").replace(/\]/g, ")");
    const below = caption.trim().replace(/"/g, "”");
    return `![${words}](${media.url}${below ? ` "${below}"` : ""})`;
  }

  // How the text shows it, or undefined.
  inText() {
    const address = this.record.media.url.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return text().match(new RegExp(`!?\\[[^\\]]*\\]\\(${address}(?: "[^"\\n]*")?\\)`))?.[0];
  }

  // What it shows goes into the text and into the library.
  say() {
    const { alt, caption, decorative, media } = this.record;
    if (!media?.picture || (this.line() === this.said && Boolean(decorative) === this.saidDecorative)) return;
    const line = this.line();
    const at = this.said ? text().indexOf(this.said) : -1;
    if (at >= 0) replaceQuietly(at, at + this.said.length, line);
    this.said = line;
    this.saidDecorative = Boolean(decorative);
    learn({ url: media.url, decorative });
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token());
    for (const [name, value] of Object.entries({ title: media.title, alt, caption })) body.set(name, value.trim());
    if (decorative) body.set("decorative", "on");
    const headers = { Accept: "application/json" };
    fetch(media.edit_url, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE) }).catch(() => {});
  }

  remove() {
    this.isRemoved = true;
    this.request?.abort();
    this.leave();
    this.writing.then(() => waiting.remove([this.record.key])).catch(() => {});
  }

  leave() {
    unmark(this.mark);
    uploads.splice(uploads.indexOf(this), 1);
    tell();
  }
}

// What is there

export function all() {
  return [...uploads];
}

// What was added and is not in the text: on its way, kept from it, or refused and not yet dismissed.
export function pending() {
  return uploads.filter((upload) => upload.state !== "arrived");
}

export function isGettingOn() {
  return pending().some((upload) => ["queued", "sending"].includes(upload.state));
}

// Calls back after each change of a state.
export function watch(listener) {
  listeners.push(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

// What becomes of it

// `textIsKept` answers when what stands in the text is kept in local-drafts.js.
export function start(textIsKept) {
  noted = textIsKept;
}

export function add(files) {
  const { end } = selection();
  const added = [...files].map((file, number) => {
    const { name, size, type } = file;
    return new Upload(newRecord({ number, name, size, isPicture: /^image\//.test(type), anchor: { at: end } }), file);
  });
  uploads.push(...added);
  for (const upload of added) keep(upload);
  run();
}

function newRecord({ number = 0, ...facts }) {
  return {
    ...{ key: random(), who: says.who, place: says.place, address: says.address, tab: tab(), title: "" },
    ...{ order: Date.now() + number / 1000, alt: "", caption: "", media: null, isLinked: false },
    ...facts,
  };
}

// A picture of the library that has just come into the text.
export function addChosen(media) {
  const known = uploads.find(({ record }) => record.media?.pk === media.pk);
  if (known) return known;
  const { caption, title: name } = media;
  const facts = { name, size: 0, isPicture: true, caption, media, isLinked: true };
  const upload = new Upload(newRecord({ ...facts, anchor: anchor(selection().end) }));
  upload.said = upload.inText();
  upload.state = "arrived";
  uploads.push(upload);
  upload.write();
  return upload;
}

function keep(upload) {
  if (upload.file.size > Number(told.largest)) {
    upload.kept = "alone";
    upload.refuse(told.large);
    return;
  }
  upload.write(async (record, file) => {
    const others = await waiting.entries();
    const size = others.reduce((sum, other) => sum + (other.media ? 0 : other.size), 0);
    if (size + file.size > ROOM) throw new DOMException("", "QuotaExceededError");
    await waiting.add(record, file);
  });
}

// Takes over what a tab that is gone has left behind, into the text that stands here.
export async function adopt(from) {
  const left = (await waiting.entries()).filter((each) => each.tab === from);
  for (const record of left) {
    Object.assign(record, { place: says.place, address: says.address, tab: tab() });
    const upload = new Upload(record);
    if (record.media) {
      upload.said = upload.inText();
      if (record.isLinked && !upload.said) {
        unmark(upload.mark);
        await waiting.remove([record.key]);
        continue;
      }
      upload.state = "sending"; // no more than its link is missing
    }
    uploads.push(upload);
    upload.write();
  }
  for (const upload of uploads.filter(({ record, state }) => record.media && state === "sending")) {
    await upload.arrive(upload.record.media);
  }
  run();
}

// Another text comes into the form: what belongs to this one stays with it, for whoever takes that up again.
export async function release() {
  for (const upload of [...uploads]) {
    if (upload.kept !== "here") continue;
    await upload.write();
    upload.isRemoved = true;
    upload.request?.abort();
    upload.leave();
  }
}

// The form goes, and what is in its text goes with it. What arrives from now on is left to the page that follows: the
// text would say more than what was sent. Where no page follows, it is linked after all.
export function finish() {
  for (const upload of uploads.filter(({ state }) => state === "arrived")) upload.remove();
  goingUntil = Date.now() + LONGEST_SUBMIT;
}

// The writer goes on here: the form did not go.
export function stay() {
  goingUntil = 0;
}

export function sayAll() {
  for (const upload of uploads) upload.say();
}

export function retry() {
  for (const upload of uploads) if (["away", "out"].includes(upload.state)) upload.state = "queued";
  return run();
}

async function run() {
  if (isRunning) return;
  isRunning = true;
  clearTimeout(timer);
  asked = 0;
  for (let next; !asked && (next = uploads.find(({ state }) => state === "queued")); ) await next.send();
  isRunning = false;
  if (uploads.some(({ state }) => ["away", "out"].includes(state))) {
    timer = setTimeout(retry, asked || RETRIES[Math.min(tries, RETRIES.length - 1)]);
    tries += 1;
  }
  tell();
}

changed(() => {
  if (noting) return;
  noting = setTimeout(() => {
    noting = 0;
    for (const upload of uploads) upload.write();
    tell();
  }, NOTING);
});
addEventListener("online", retry);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && retry());
