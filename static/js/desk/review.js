// The review without waiting: the page of the next comment is fetched ahead and put in at the press of a button, while
// the decision is sent. Decisions are sent one after the other; what the server says of the last is told at the top.
// Plain forms underneath: what is no page of the review, or cannot be sent, is shown as it is.

import { pauseShortcuts, setUp } from "./comment-shortcuts.js";
import * as replyDrafts from "./reply-drafts.js";

const COUNTS = [".bar .count", ".desk-menu__nav .count", ".desk-menu__more .count"];
const main = document.querySelector("main");
let ahead = null; // the page after the comment that is shown
let line = Promise.resolve(); // of decisions that are sent
let waiting = 0; // how many
let given = 0; // how often the line was given up: what stands in it then is not sent

fetchAhead();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("#actions, #reply, .review__trust, #review-notice form")) return;
  event.preventDefault();
  send(form, event.submitter);
});

document.addEventListener("click", (event) => {
  const way = event.target.closest(".review__navigation a[rel=next]");
  if (!way || !ahead || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(ahead);
  fetchAhead();
});

addEventListener("beforeunload", (event) => {
  if (waiting > 1) event.preventDefault(); // the first arrives by itself
});

function send(form, button) {
  const body = new FormData(form);
  if (button?.name) body.append(button.name, button.value);
  const next = form.matches("#actions, #reply") ? ahead : null; // another form may change what comes next
  const former = next ? show(next) : hold();
  if (next) main.querySelector("#review-notice").classList.add("is-awaited"); // keeps the room of what will stand there
  const inLine = given;
  waiting += 1;
  line = line.then(async () => {
    if (inLine !== given) return;
    try {
      await deliver(form.action, body, Boolean(next));
    } catch {
      notSent(former);
    }
  });
}

async function deliver(address, body, isShown) {
  const answer = await fetch(address, { method: "POST", body, keepalive: true });
  const page = parsed(await answer.text());
  waiting -= 1;
  if (!answer.ok || !page.querySelector("#review-notice")) return replace(page, answer.url);
  if (!isShown) show(page);
  else if (!waiting) tell(page);
  if (waiting) return;
  const decided = new URL(answer.url).searchParams.get("decided");
  remember(decided ? `&decided=${decided}` : "");
  fetchAhead(); // what is next in line need not wait for it
}

// Only when nothing is on its way: the server answers with what waits at that moment.
async function fetchAhead() {
  ahead = null;
  const number = commentOf(document);
  if (!number || waiting) return;
  try {
    const answer = await fetch(`${location.pathname}?after=${number}`);
    const page = parsed(await answer.text());
    const next = answer.ok && commentOf(page);
    if (next && next !== number && number === commentOf(document) && !waiting) ahead = page;
  } catch {
    // Then the next press waits for its answer.
  }
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

function commentOf(page) {
  return page.querySelector("#actions")?.dataset.comment;
}

// What is on the page, to be put back should its decision not arrive.
function show(page) {
  const former = { nodes: [...main.childNodes] };
  main.replaceChildren(...document.importNode(page.querySelector("main"), true).childNodes);
  for (const part of COUNTS) copy(part, page);
  ahead = null;
  remember("");
  scrollTo(0, 0);
  main.querySelector("#reply:not([hidden]) textarea, [data-desk-comment]")?.focus({ preventScroll: true });
  setUp();
  pauseShortcuts();
  return former;
}

// Until the answer is there nothing more is decided about this comment. The bar itself is not inert: it would let a
// second tap through to what lies behind it.
function hold() {
  for (const part of main.querySelectorAll(":is(#actions, #reply, .review__trust, #review-notice form) > *")) part.inert = true;
  return { nodes: [...main.childNodes] };
}

// What was decided, with its undo, and how many are left; the comment and the buttons stay.
function tell(page) {
  const { wanted } = main.querySelector("#review-notice").dataset;
  for (const part of ["#review-notice", ".desk__saved", ...COUNTS]) copy(part, page);
  main.querySelector(".messages")?.remove();
  const messages = page.querySelector(".messages");
  if (messages) main.querySelector(".desk__head").after(document.importNode(messages, true));
  if (commentOf(page) === commentOf(document)) copy(".review__navigation", page);
  replyDrafts.restore();
  if (wanted) main.querySelector(`#review-notice [data-key~="${wanted}"]`)?.click();
}

function copy(part, page) {
  const [here, there] = [document.querySelector(part), page.querySelector(part)];
  if (here && there) here.replaceWith(document.importNode(there, true));
}

// A reload shows the same comment again.
function remember(more) {
  const number = commentOf(document);
  history.replaceState(null, "", number ? `${location.pathname}?at=${number}${more}` : location.pathname + more.replace("&", "?"));
}

// An ended login, an answer that came too late: the page that says so, with the text.
function replace(page, address) {
  given += 1;
  history.replaceState(null, "", address);
  document.documentElement.replaceWith(document.importNode(page.documentElement, true));
}

function notSent(former) {
  given += 1;
  waiting = 0;
  ahead = null;
  main.replaceChildren(...former.nodes);
  for (const part of main.querySelectorAll("form > *")) part.inert = false;
  remember("");
  const notice = main.querySelector("#not-sent").content.cloneNode(true);
  main.querySelector("#review-notice").replaceChildren(notice);
  pauseShortcuts();
}
