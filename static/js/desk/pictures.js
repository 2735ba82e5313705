// Pictures that are dropped, pasted or picked: the list in which each is seen arriving, waiting or refused, and asked
// what it shows; and the question whether a button is to wait for them. Several that have arrived are a strip of
// thumbnails, of which one is open.

import { draw } from "./upload-markers.js";
import { form } from "./editor-session.js";
import { filled, isolated } from "./bidi.js";
import { element, focus, hasFocus, select, text } from "./editor.js";
import { listen } from "./picture-dialog.js";
import * as uploads from "./uploads.js";

const panel = document.querySelector("#uploads");
const says = panel?.dataset;
const names = new Intl.ListFormat(document.documentElement.lang || "en");
const items = new Map(); // by upload
let typed = 0; // keys in the text
let typedBefore = 0;
let number = 0;
let asked = null; // what is to become of a button that waits
let opened = null; // the upload whose fields are open, of those that have arrived

if (panel) {
  listen(bring, describe);
  element.addEventListener("keydown", () => (typed += 1));
  element.addEventListener("paste", (event) => {
    const brought = event.clipboardData?.files ?? [];
    if (!brought.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    bring(brought);
  }, { capture: true }); // before the editor itself
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      form.classList.add("is-target");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      if (name === "drop" || !form.contains(event.relatedTarget)) form.classList.remove("is-target");
    });
  }
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    bring(event.dataTransfer.files);
  });
  panel.querySelector("[data-action=all]").addEventListener("click", () => {
    for (const upload of arrived()) {
      upload.say();
      upload.remove();
    }
    focus();
  });
  panel.querySelector("[data-action=without]").addEventListener("click", () => answer("without"));
  panel.querySelector("[data-action=stay]").addEventListener("click", () => answer("stay"));
  uploads.watch(show);
  new ResizeObserver(drawPlaces).observe(element);
  element.addEventListener("scroll", drawPlaces, { capture: true, passive: true });
  element.addEventListener("editor-shown", drawPlaces);
}

// Those of whom something may be asked; others leave by themselves.
function arrived() {
  return uploads.all().filter(({ state }) => state === "arrived");
}

function drawPlaces() {
  const coming = uploads.pending().filter(({ state }) => state !== "refused");
  draw(coming.map(({ mark, record }) => ({ at: mark.at, name: record.name })));
}

function bring(files) {
  typedBefore = typed;
  uploads.add(files);
}

// A picture of the library that says nothing yet is asked what it shows, as new ones are.
function describe(media) {
  typedBefore = typed;
  opened = uploads.addChosen(media);
  show();
}

// Says why the button does not do its work yet. `without` lets it, `stay` leaves it at that; so does `ask(null)`.
export function ask(button, deeds) {
  asked = button && { name: button.textContent.trim(), ...deeds };
  show();
}

function answer(deed) {
  const deeds = asked;
  ask(null);
  deeds?.[deed]();
}

function show() {
  if (!panel) return;
  const there = uploads.all();
  for (const [upload, item] of items) {
    if (there.includes(upload)) continue;
    item.element.remove();
    items.delete(upload);
  }
  for (const upload of there) if (!items.has(upload)) items.set(upload, new Item(upload));
  if (!arrived().includes(opened)) [opened = null] = arrived();
  for (const upload of there) items.get(upload).show();
  panel.querySelector(".uploads__all").hidden = arrived().length < 2;
  panel.hidden = !there.length;
  drawPlaces();
  showQuestion();
  const hasArrived = there.some(({ state }) => state === "arrived");
  if (uploads.isGettingOn() || !hasArrived || typed !== typedBefore) return;
  typedBefore = -1; // once
  // Whoever goes on typing, here or elsewhere, is not taken away from it.
  if (hasFocus() || document.activeElement === document.body) {
    items.get(opened)?.field("alt").focus();
  }
}

function showQuestion() {
  const question = panel.querySelector(".uploads__question");
  const missing = uploads.pending();
  const refused = missing.filter(({ state }) => state === "refused");
  const told = panel.querySelector("[role=status]");
  const sentences = [];
  const away = missing.filter(({ state }) => ["away", "out"].includes(state));
  if (away.length) sentences.push(says.missing.replace("%s", () => list(away)));
  if (asked && missing.length) {
    if (refused.length) sentences.push(says.nottaken.replace("%s", () => list(refused)));
    if (refused.length < missing.length) sentences.push(says.follows.replace("%s", asked.name));
    question.querySelector("[data-action=without]").textContent = says.without.replace("%s", asked.name);
  }
  question.hidden = !(asked && missing.length);
  const sentence = sentences.join(" ");
  if (told.textContent !== sentence) told.textContent = sentence;
}

function list(some) {
  return names.format(some.map(({ record }) => isolated(record.name)));
}

class Item {
  constructor(upload) {
    this.upload = upload;
    this.element = panel.querySelector("template").content.cloneNode(true).firstElementChild;
    this.bar = this.one("progress");
    this.bar.ariaLabel = filled(says.coming, upload.record.name);
    this.one(".uploads__name").textContent = upload.record.name;
    number += 1;
    for (const label of this.element.querySelectorAll("[data-for]")) {
      label.htmlFor = this.field(label.dataset.for).id = `upload-${number}-${label.dataset.for}`;
    }
    for (const name of ["alt", "caption"]) this.listenTo(name);
    this.one(".uploads__place").addEventListener("click", () => {
      focus();
      select(upload.mark.at);
    });
    this.thumb = this.deed("open");
    this.thumb.addEventListener("click", () => {
      opened = upload;
      show();
      this.field("alt").focus();
    });
    this.deed("retry").addEventListener("click", () => uploads.retry());
    this.deed("remove").addEventListener("click", () => this.leave());
    this.deed("done").addEventListener("click", () => {
      upload.say();
      this.leave();
    });
    this.field("decorative").addEventListener("change", () => {
      upload.record.decorative = this.field("decorative").checked;
      upload.record.alt = this.field("alt").value = "";
      upload.write();
      upload.say();
      this.show();
    });
    this.field("featured").addEventListener("change", () => feature(upload.record.media, this.field("featured").checked));
    panel.querySelector("ul").append(this.element);
  }

  one(selector) {
    return this.element.querySelector(selector);
  }

  field(name) {
    return this.one(`[data-name="${name}"]`);
  }

  deed(name) {
    return this.one(`[data-action="${name}"]`);
  }

  listenTo(name) {
    const { upload } = this;
    const field = this.field(name);
    field.value = upload.record[name];
    field.addEventListener("input", () => {
      upload.record[name] = field.value;
      upload.write();
    });
    // Not before the focus has arrived where it is going: it is to stay there.
    field.addEventListener("change", () => setTimeout(() => upload.say()));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      if (name === "alt") this.field("caption").focus();
      else if (upload.state === "arrived") this.deed("done").click();
      else focus();
    });
  }

  show() {
    const { kept, progress, record, state, why } = this.upload;
    const isComing = ["queued", "sending"].includes(state);
    const isHere = state === "arrived";
    const isFolded = isHere && this.upload !== opened;
    this.one(".uploads__facts").hidden = isFolded;
    this.element.classList.toggle("is-folded", isFolded);
    this.bar.hidden = !isComing;
    this.bar.value = progress;
    const waits = kept === "here" ? (isComing ? "" : says[state] ?? "") : says[kept];
    const words = isHere ? record.media.notice ?? "" : waits;
    this.tell(".uploads__state", state === "refused" ? "" : filled(words, record.name));
    this.tell("[role=alert]", state === "refused" ? why : "");
    this.tell(".uploads__place", isHere || state === "refused" ? "" : this.place());
    this.deed("retry").hidden = !["away", "out"].includes(state);
    this.deed("remove").hidden = isHere;
    this.deed("done").hidden = !isHere;
    this.one(".uploads__fields").hidden = !record.isPicture || state === "refused";
    this.field("featured").parentElement.hidden = !isHere;
    this.field("decorative").checked = Boolean(record.decorative);
    this.field("alt").disabled = Boolean(record.decorative);
    this.thumb.hidden = !isHere;
    this.thumb.disabled = arrived().length < 2;
    this.thumb.ariaExpanded = String(!isFolded);
    if (isHere && !this.thumb.firstChild) {
      this.thumb.ariaLabel = filled(says.describe, record.name);
      this.thumb.append(Object.assign(new Image(96, 72), { src: record.media.small_url, alt: "" }));
    }
  }

  tell(selector, words) {
    const place = this.one(selector);
    if (place.textContent !== words) place.textContent = words;
    place.hidden = !words;
  }

  // Where in the text it is going to stand.
  place() {
    const shown = text().slice(0, this.upload.mark.at).replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1");
    const before = shown.trimEnd().split("\n").pop();
    const words = [...before].slice(-30).join("");
    return words ? filled(says.after, words === before ? words : `…${words}`) : says.first;
  }

  leave() {
    const next = this.element.nextElementSibling ?? this.element.previousElementSibling;
    this.upload.remove();
    const follower = [...items.values()].find(({ element }) => element === next)?.upload;
    if (follower?.state === "arrived") opened = follower;
    show();
    const places = next?.querySelectorAll("input:not([type=checkbox], :disabled), .uploads__actions button") ?? [];
    const place = [...places].find((each) => each.checkVisibility());
    if (place) place.focus();
    else focus();
  }
}

// The new picture among those of the drawer, chosen.
function feature(media, yes) {
  const row = document.querySelector(".featured");
  let radio = row.querySelector(`input[value="${yes ? media.pk : ""}"]`);
  if (!radio) {
    radio = Object.assign(document.createElement("input"), { type: "radio", name: "featured", value: media.pk });
    const label = Object.assign(document.createElement("label"), { className: "featured__one" });
    label.append(radio, Object.assign(new Image(96, 72), { src: media.small_url, alt: media.title }));
    row.firstElementChild.after(label);
  }
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}
