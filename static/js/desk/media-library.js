// The library's files go up one by one, so that a picture that takes long holds up no other and a refused one costs
// nothing else. Where the server is busy or away, a file waits as long as it asks and is sent again, with the same key:
// whatever arrived the first time is stored once. Without this script the form sends all in one request.

import { sendPoster } from "./film-poster.js";

const SILENCE = 120_000; // ms after which a file that does not move on is given up for now
const RETRIES = [2, 4, 8, 16, 32, 60]; // seconds, where the server says nothing
const LONGEST_WAIT = 300;
const PASSING = new Set([408, 425, 429]); // refusals that a later try may not meet

const form = document.querySelector("[data-media-library]");
const told = form.dataset;
const box = form.querySelector(".upload__progress");
const button = form.querySelector("button");
const files = []; // {file, key, state: queued, sending, out, refused, arrived; row, media}

form.addEventListener("submit", (event) => {
  const { files: chosen } = form.elements.files;
  if (!chosen.length && !unfinished().length) return; // the server says what is missing
  event.preventDefault();
  for (const file of chosen) add(file);
  form.elements.files.value = "";
  for (const each of files) if (each.state === "out") each.state = "queued";
  run();
});

addEventListener("beforeunload", (event) => {
  if (unfinished().length) event.preventDefault();
});

function unfinished() {
  return files.filter(({ state }) => !["refused", "arrived"].includes(state));
}

function add(file) {
  const row = document.createElement("li");
  const name = document.createElement("bdi");
  const bar = document.createElement("progress");
  const said = document.createElement("span");
  name.textContent = file.name;
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  row.append(name, " ", bar, " ", said);
  box.querySelector("ul").append(row);
  form.elements.files.required = false; // so that Upload goes on with those that wait
  files.push({ file, row, bar, said, key: random(), state: "queued", media: null });
}

async function run() {
  if (button.disabled) return;
  button.disabled = true;
  box.hidden = false;
  for (let next; (next = files.find(({ state }) => state === "queued")); ) await send(next);
  button.disabled = false;
  count();
  if (!unfinished().length) finish();
}

async function send(each) {
  each.state = "sending";
  for (let tries = 0, isSecond = false; each.state === "sending"; ) {
    count();
    say(each, "");
    const { status, answer, wait } = await post(each);
    if (answer?.taken?.length) {
      const [media] = answer.taken;
      await sendPoster(media, form.elements.csrfmiddlewaretoken.value);
      arrive(each, media);
    } else if (status === 401 || status === 403) {
      if (isSecond || !(await refreshToken())) {
        each.state = "out";
        for (const other of files) if (other.state === "queued") other.state = "out";
        say(each, told.out);
      }
      isSecond = true;
    } else if (status >= 400 && status < 500 && !PASSING.has(status)) {
      each.state = "refused";
      say(each, answer?.refused?.[0] ?? told.refused);
    } else {
      const seconds = wait || RETRIES[Math.min(tries, RETRIES.length - 1)];
      tries += 1;
      say(each, told.waiting);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}

function post({ file, key, bar }) {
  return new Promise((resolve) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("key", key);
    body.set("files", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    let silence = null;
    const watch = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE);
    };
    request.upload.addEventListener("progress", (event) => {
      watch();
      if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("loadend", () => {
      clearTimeout(silence);
      const asked = Number(request.getResponseHeader("Retry-After"));
      const wait = asked > 0 ? Math.min(asked, LONGEST_WAIT) : 0;
      resolve({ status: request.status, answer: request.response, wait });
    });
    watch();
    request.send(body);
  });
}

function arrive(each, media) {
  each.state = "arrived";
  each.media = media;
  each.file = null;
  each.bar.value = 100;
  const link = document.createElement("a");
  link.href = media.edit_url;
  link.textContent = told.arrived;
  each.said.replaceChildren(link, ...(media.notice ? [` ${media.notice}`] : []));
}

// After a login in another tab the page gets that one's token; "" if nobody, or somebody else, is logged in.
async function refreshToken() {
  try {
    const { who, token } = await (await fetch(told.token)).json();
    if (who !== told.who) return "";
    form.elements.csrfmiddlewaretoken.value = token;
    return token;
  } catch {
    return "";
  }
}

function say(each, words) {
  each.said.textContent = words;
}

function count() {
  const arrived = files.filter(({ state }) => state === "arrived").length;
  box.querySelector("[role=status]").textContent = told.count
    .replace("{arrived}", arrived)
    .replace("{all}", files.length);
}

// The library shows what has arrived; where something is to be read here, a link leads there.
function finish() {
  const arrived = files.filter(({ state }) => state === "arrived");
  const isQuiet = arrived.length === files.length && !arrived.some(({ media }) => media.notice);
  if (isQuiet) location.assign(arrived.length === 1 ? arrived[0].media.edit_url : form.action);
  else box.querySelector("a[data-shown]").hidden = !arrived.length;
}

function random() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
