// What was left behind in this browser, offered again on the write page: text that says more than the server has, and
// files that have not arrived. A tab that is still open keeps its own.

import { dateFormats } from "./dates.js";
import * as localDrafts from "./local-drafts.js";
import { form, openTabs, says, tab as ownTab, tabClosed, token } from "./editor-session.js";
import { filled, isolated } from "./bidi.js";
import { focus, text } from "./editor.js";
import * as uploads from "./uploads.js";
import * as waiting from "./waiting.js";

const list = document.querySelector("#unsaved");
const { timeOrDay } = dateFormats(says.dates);
const isNew = says.place.startsWith("new-");
const wanted = new URLSearchParams(location.hash.slice(1)).get("use"); // place/tab
const inTheForm = form.elements.seen.value.split(":")[0]; // the tab whose text the server has put there

const closing = new Map(); // by tab that was still open: a promise, which waits until its text is looked through

// `use(entry)` puts a text into the form. Until all is looked through the list is busy.
export async function offer(use) {
  list.ariaBusy = "true";
  if (wanted) history.replaceState(null, "", location.pathname + location.search);
  const isOpen = await openTabs();
  try {
    for (const entry of await localDrafts.entries()) await lookAtText(entry, isOpen, use);
    for (const records of groups(await waiting.entries())) await lookAtFiles(records, isOpen);
  } catch {
    // A browser that keeps nothing has nothing to offer.
  }
  list.ariaBusy = "false";
}

function isHere({ place }) {
  return place === says.place || place === says.formerly;
}

// Text

async function lookAtText(entry, isOpen, use) {
  if (entry.who !== says.who || !(isHere(entry) || isNew)) return;
  if (isOpen(entry.tab)) {
    const later = tabClosed(entry.tab).then(async () => {
      const left = (await localDrafts.entries()).find(({ key }) => key === entry.key);
      if (left) await offerText(left, use);
    });
    closing.set(entry.tab, later.catch(() => {}));
  } else if (isHere(entry) && entry.key === wanted) {
    await use(entry);
    noticeOf(entry.tab)?.remove();
  } else {
    await offerText(entry, use);
  }
}

// Unless the server has it.
async function offerText(entry, use) {
  const [knownTab, knownCount] = says.known.split(":");
  if (isHere(entry) && entry.tab === knownTab && entry.count <= Number(knownCount)) await localDrafts.remove(entry.key);
  else if (!(await isSaved(entry))) await showText(entry, use);
}

// Asks the server, which knows what a save makes of each field. Where it has all, nothing need be kept here.
async function isSaved(entry) {
  const body = new FormData();
  for (const [name, value] of entry.fields) body.append(name, value);
  for (const name of ["place", "tab", "count", "who"]) body.append(name, entry[name]);
  if (entry.changed) body.append("changed", entry.changed.join(" "));
  body.append("csrfmiddlewaretoken", token());
  try {
    const answer = await fetch(says.compare, { method: "POST", body });
    if (!answer.ok || !(await answer.json()).is_saved) return false;
    await localDrafts.remove(entry.key);
    return true;
  } catch {
    return false;
  }
}

async function showText(entry, use) {
  const template = document.querySelector("#unsaved-here");
  const valueOf = (wanted) => entry.fields.find(([name]) => name === wanted)?.[1] ?? "";
  const source = valueOf("source");
  const title = entry.title.trim() || source.trim().split("\n")[0].slice(0, 60);
  const notice = buildNotice(template, entry, title, timeOrDay(entry.at));
  notice.querySelector("textarea").value = [entry.title, source, valueOf("excerpt")].filter(Boolean).join("\n\n");

  // The server has an older piece of the same text: one offer is enough.
  const older = noticeOf(entry.tab);
  if (older) older.hidden = true;

  notice.querySelector("a").addEventListener("click", async (event) => {
    if (!isHere(entry)) return;
    event.preventDefault();
    await use(entry);
    notice.remove();
    focus();
  });
  notice.querySelector("button").addEventListener("click", async () => {
    await localDrafts.remove(entry.key);
    notice.remove();
    if (older) older.hidden = false;
    else await forget(entry.tab);
  });
  list.prepend(notice);
}

// Files

function groups(records) {
  const byTab = new Map();
  for (const record of records) byTab.set(record.tab, [...(byTab.get(record.tab) ?? []), record]);
  return byTab.values();
}

async function lookAtFiles(records, isOpen) {
  const [{ place, tab, who }] = records;
  if (who !== says.who || tab === ownTab() || !(isHere(records[0]) || isNew)) return;
  if (isOpen(tab)) {
    tabClosed(tab).then(async () => {
      await closing.get(tab); // they stand in its notice
      const left = (await waiting.entries()).filter((each) => each.tab === tab);
      if (left.length) await takeFiles(left);
    });
  } else {
    await takeFiles(records);
  }
}

// Into the form where their text stands there. Not into an older one than that which is offered.
async function takeFiles(records) {
  const [{ place, tab }] = records;
  const isWanted = `${place}/${tab}` === wanted;
  if (isHere(records[0]) && (isWanted || tab === inTheForm) && !noticeOf(tab)) await uploads.adopt(tab);
  else await offerFiles(records);
}

// With the text to which they belong; alone where that is saved, or where there is none.
async function offerFiles(records) {
  const [{ tab, title }] = records;
  const isInText = ({ media }) => media && text().includes(media.url);
  const missing = records.filter((record) => !record.isLinked && !isInText(record));
  const names = new Intl.ListFormat(document.documentElement.lang || "en").format(missing.map(({ name }) => isolated(name)));
  const template = document.querySelector("#unsaved-files");
  const offer = noticeOf(tab);
  if (offer) {
    const line = Object.assign(document.createElement("p"), { textContent: template.dataset.with.replace("%s", () => names) });
    if (missing.length) offer.querySelector("h2").after(line);
    offer.querySelector("form")?.addEventListener("submit", () => forget(tab));
    return;
  }
  if (!missing.length) return void (await forget(tab));
  const notice = buildNotice(template, records[0], title, names);
  notice.querySelector("a").addEventListener("click", async (event) => {
    if (!isHere(records[0])) return;
    event.preventDefault();
    notice.remove();
    focus();
    await uploads.adopt(tab);
  });
  notice.querySelector("button").addEventListener("click", async () => {
    await forget(tab);
    notice.remove();
  });
  list.prepend(notice);
}

async function forget(tab) {
  const keys = (await waiting.entries()).filter((each) => each.tab === tab).map(({ key }) => key);
  await waiting.remove(keys);
}

// The notices

function buildNotice(template, { place, tab, address }, title, words) {
  const notice = template.content.cloneNode(true).querySelector(".unsaved__item");
  const sentence = template.dataset[isHere({ place }) ? "here" : "elsewhere"];
  notice.dataset.tab = tab;
  const named = sentence.replace("%s", () => words);
  notice.querySelector("h2").textContent = filled(named, title || template.dataset.untitled, "%t");
  notice.querySelector("a").href = `${address}#use=${encodeURIComponent(`${place}/${tab}`)}`;
  return notice;
}

// The notice that offers a tab's text.
function noticeOf(tab) {
  return list.querySelector(`[data-tab="${tab}"]:not([hidden])`);
}
