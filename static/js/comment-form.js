// The comment form made nicer: it opens on focus, grows, moves to the comment it answers,
// knows who wrote last time, and keeps the typed words until the server shows that it has them.

const LONGEST_KEPT = 30 * 24 * 3_600_000;

const words = document.querySelector("script[data-reply-to]").dataset;
const place = document.getElementById("respond");
const form = place?.querySelector("form[data-post]");
const contact = document.querySelector("#contact form");

if (contact) {
  prefill(contact);
  measureTypingTime(contact);
}

if (form) {
  const { comment: text, parent } = form.elements;
  const kept = storedText(form.dataset.post, form.dataset.who ?? "");
  const keep = ({ sent = false } = {}) =>
    kept.write({ text: text.value, over: text.defaultValue || kept.read()?.over, parent: parent.value, sent });

  discardPosted(kept);
  const was = kept.read();
  restoreText(text, was, keep);
  prefill(form);
  measureTypingTime(form);
  grow(text);
  if (text.value.trim()) open();

  text.addEventListener("focus", open);
  text.addEventListener("input", () => {
    grow(text);
    keep();
  });
  form.addEventListener("submit", () => keep({ sent: true }));
  const answer = moveBelowComment(parent, text, keep);
  if (text.value && text.value === was?.text) answer(was.parent);
}

// Who typed before this script came is right, and that is kept from now on, as is what a login brought along. Else the
// kept text comes back, if it was typed over what the server shows again: over nothing, or over its older draft.
function restoreText(text, was, keep) {
  // Then a browser itself fills in what it had, which may long be posted.
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const isTyped = text.value !== text.defaultValue && !isBack;
  if (!isTyped && was && (!text.defaultValue.trim() || text.defaultValue === was.over)) text.value = was.text;
  else if (isTyped ? text.value !== was?.text : !was && text.value && !isBack) keep();
}

function open() {
  place.classList.add("is-open");
}

function grow(text) {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.blockSize = "auto";
  text.style.blockSize = `${text.scrollHeight + 2}px`;
}

// A machine writes in no time. Only typed keys count: what was pasted, dictated or brought back says nothing.
function measureTypingTime(fields) {
  const { comment, since } = fields.elements;
  let first = null;
  comment.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab") return;
    first ??= event.timeStamp;
  });
  comment.addEventListener("paste", () => (first = -Infinity));
  fields.addEventListener("submit", (event) => {
    since.value = Number.isFinite(first) && first !== null ? Math.round(event.timeStamp - first) : "";
  });
}

// Reply brings the form below the comment it answers; Cancel takes it home. Modified clicks follow the link.
// Answers a function that brings an answer begun earlier back below its comment, where that is on this page.
function moveBelowComment(parent, text, keep) {
  const title = place.querySelector("h2");
  const isAtHome = !title.querySelector("a"); // else this page was asked for an answer to one comment
  if (isAtHome) parent.value = ""; // some browsers fill it in when one comes Back
  const home = { before: place.previousElementSibling, title: [...title.childNodes], parent: parent.value };
  const cancel = Object.assign(document.createElement("a"), { href: "#respond", textContent: words.cancel });
  const links = [...document.querySelectorAll("a[data-parent]")];
  let answered = null;

  function move(link) {
    const comment = link.closest(".comment");
    answered = link;
    comment.after(place);
    parent.value = link.dataset.parent;
    const name = document.createElement("bdi");
    name.textContent = comment.querySelector(".comment__name").textContent;
    const [before, after] = words.replyTo.split("%s");
    title.replaceChildren(before, name, after, " ", cancel);
  }

  cancel.addEventListener("click", (event) => {
    event.preventDefault();
    home.before.after(place);
    parent.value = home.parent;
    title.replaceChildren(...home.title);
    answered.focus();
    if (text.value) keep();
  });
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      move(link);
      text.focus();
      if (text.value) keep();
    });
  }
  return (number) => {
    const link = isAtHome && links.find((each) => each.dataset.parent === number);
    if (link) move(link);
  };
}

// What one person typed is not shown to the next at the same computer: `who` is an account, or "" for all guests.
// localStorage may be full or forbidden; then nothing is kept and nothing breaks.
function storedText(post, who) {
  const key = `longrun-text-${post}`;
  return {
    read() {
      const said = ignoringErrors(() => localStorage.getItem(key));
      const known = ignoringErrors(() => JSON.parse(said));
      // Once the text alone was kept.
      const entry = typeof known?.text === "string" ? known : said && { text: said, who: "", at: Date.now() };
      return entry?.who === who && Date.now() - entry.at < LONGEST_KEPT ? entry : null;
    },
    write: (entry) => ignoringErrors(() => localStorage.setItem(key, JSON.stringify({ ...entry, who, at: Date.now() }))),
    forget: () => ignoringErrors(() => localStorage.removeItem(key)),
  };
}

function ignoringErrors(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

// After a comment the server leads to …#comment-ID. Only a page that shows these words there lets the copy go, and
// only while nothing else has been typed since they were sent.
function discardPosted(kept) {
  const was = kept.read();
  const shown = document.getElementById(location.hash.slice(1) || "respond");
  if (!was?.sent || !shown?.classList.contains("comment")) return;
  const wordsOf = (value) => value.match(/[\p{L}\p{N}]+/gu) ?? [];
  const said = new Set(wordsOf(shown.querySelector(".prose").textContent));
  const sent = wordsOf(was.text);
  if (sent.filter((word) => said.has(word)).length * 2 >= sent.length) kept.forget();
}

// The cookie is set by consent, holds three fields as a query string, and is read only here. A form that the server
// gave back already holds what was said in it: consent taken back stays so.
function prefill(fields) {
  const cookie = document.cookie.split("; ").find((entry) => entry.startsWith("longrun_me="));
  if (!cookie || !fields.elements.email || "said" in fields.dataset) return;
  const me = new URLSearchParams(decodeURIComponent(cookie.slice("longrun_me=".length).replace(/^"|"$/g, "")));
  for (const name of ["author", "email", "url"]) {
    const field = fields.elements[name];
    if (field && !field.value) field.value = me.get(name) ?? "";
  }
  if (fields.elements.consent) fields.elements.consent.checked = true;
}
