// What was typed in this browser and never reached the server, offered again on the write page.

import * as journal from "./journal.js";

const list = document.querySelector("#unsaved");
const template = document.querySelector("#unsaved-here");

// `use(entry)` puts it into the form.
export async function offer({ bar, form, use }) {
  const { who, place, known } = bar.dataset;
  let found;
  try {
    found = await journal.entries();
  } catch {
    return; // a browser that keeps nothing has nothing to offer
  }
  const open = await openTabs();
  const isNew = place.startsWith("new-");
  const [knownTab, knownCount] = known.split(":");
  const wanted = new URLSearchParams(location.hash.slice(1)).get("use");

  for (const entry of found) {
    const isHere = entry.place === place || entry.place === bar.dataset.formerly;
    if (entry.who !== who) continue;
    if (open.has(`longrun-${entry.tab}`)) {
      if (isHere || isNew) whenClosed(entry, (left) => show(left, isHere, use));
    } else if (isHere && entry.tab === knownTab && entry.count <= Number(knownCount)) {
      await journal.remove(entry.key);
    } else if (isHere && entry.key === wanted) {
      history.replaceState(null, "", location.pathname + location.search);
      await use(entry);
    } else if (isHere || isNew) {
      show(entry, isHere, use);
    }
  }
}

// What another tab leaves behind when it goes: it may go while this page opens, and is held a moment longer.
async function whenClosed({ key, tab }, deed) {
  await navigator.locks.request(`longrun-${tab}`, { mode: "shared" }, () => {});
  const left = (await journal.entries()).find((entry) => entry.key === key);
  if (left) deed(left);
}

function show(entry, isHere, use) {
  const notice = template.content.cloneNode(true).querySelector(".unsaved__one");
  const valueOf = (wanted) => entry.fields.find(([name]) => name === wanted)?.[1] ?? "";
  const source = valueOf("source");
  const title = entry.title.trim() || source.trim().split("\n")[0].slice(0, 60) || template.dataset.untitled;
  const words = template.dataset[isHere ? "here" : "elsewhere"];
  notice.querySelector("h2").textContent = words.replace("%s", when(entry.at)).replace("%t", () => title);
  notice.querySelector("textarea").value = [entry.title, source, valueOf("excerpt")].filter(Boolean).join("\n\n");

  // The server has an older piece of the same text: one offer is enough.
  const older = list.querySelector(`[data-tab="${entry.tab}"]`);
  if (older) older.hidden = true;

  const link = notice.querySelector("a");
  link.href = `${entry.address}#use=${encodeURIComponent(entry.key)}`;
  link.addEventListener("click", async (event) => {
    if (!isHere) return;
    event.preventDefault();
    await use(entry);
    notice.remove();
    document.querySelector("#id_source").focus();
  });
  notice.querySelector("button").addEventListener("click", async () => {
    await journal.remove(entry.key);
    notice.remove();
    if (older) older.hidden = false;
  });
  list.prepend(notice);
}

function when(moment) {
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const form = isToday ? time : { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" };
  return new Intl.DateTimeFormat(document.documentElement.lang, form).format(date);
}

// The tabs that are being typed in now; without locks (no https, an old browser) each entry counts as left behind.
async function openTabs() {
  const locks = await navigator.locks?.query();
  return new Set(locks?.held.map((lock) => lock.name));
}
