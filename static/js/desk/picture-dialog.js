// The dialog of the picture tool: new files, or pictures of the library, newest first. The chosen one comes into the text as
// a paragraph of its own.

import { learn } from "./decorative-pictures.js";
import { focus, replace, select, selection, text } from "./editor.js";

const WAIT = 200; // ms after a key in the search
const dialog = document.querySelector("#picture-dialog");
const tool = document.querySelector('[data-tool="picture"]');

// `words` with the blank lines that make them a block of their own at `at`.
export function asBlock(at, words) {
  const [before, after] = [text().slice(0, at), text().slice(at)];
  const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const end = after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  return [gap, words, end];
}

// `bring(files)` takes new files; `ask(media)` what was chosen from the library and has no alternative text, though it is
// not decorative.
export function listen(bring, ask) {
  if (!dialog || !tool) return;
  const says = dialog.dataset;
  const one = (selector) => dialog.querySelector(selector);
  const [files, words, list, told] = ["input[type=file]", "input[type=search]", "ul", "[role=status]"].map(one);
  const [newer, older] = ["newer", "older"].map((name) => one(`[data-action=${name}]`));
  let page = 1;
  let asked = 0;
  let waiting;

  tool.addEventListener("click", () => {
    words.value = "";
    page = 1;
    dialog.showModal();
    find();
  });
  dialog.addEventListener("close", () => {
    asked += 1;
    clearTimeout(waiting);
    focus();
  });
  one("[data-close]").addEventListener("click", () => dialog.close());
  one("[data-action=files]").addEventListener("click", () => files.click());
  files.addEventListener("change", () => take(files.files));
  dialog.addEventListener("dragover", (event) => event.preventDefault());
  dialog.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      page = 1;
      find();
    }, WAIT);
  });
  words.addEventListener("keydown", (event) => {
    if (event.isComposing || !["ArrowDown", "Enter"].includes(event.key)) return;
    event.preventDefault();
    list.querySelector("button")?.focus();
  });
  newer.addEventListener("click", () => turn(-1));
  older.addEventListener("click", () => turn(1));
  list.addEventListener("keydown", move);

  function take(chosen) {
    if (!chosen.length) return;
    const brought = [...chosen];
    files.value = "";
    dialog.close();
    bring(brought);
  }

  async function turn(by) {
    page += by;
    await find();
    list.querySelector("button")?.focus();
  }

  async function find() {
    const mine = ++asked;
    let answer;
    try {
      const url = `${says.url}?${new URLSearchParams({ show: "pictures", q: words.value, page })}`;
      answer = await fetch(url, { headers: { Accept: "application/json" } });
      answer = answer.ok ? await answer.json() : null;
    } catch {
      answer = null;
    }
    if (mine !== asked) return;
    const found = answer?.files ?? [];
    page = answer?.page ?? 1;
    list.replaceChildren(...found.map(item));
    newer.disabled = page <= 1;
    older.disabled = page >= (answer?.pages ?? 1);
    newer.parentElement.hidden = newer.disabled && older.disabled;
    const place = says.page.replace("%1", page).replace("%2", answer?.pages);
    told.textContent = !answer ? says.failed : !found.length ? says.none : newer.parentElement.hidden ? "" : place;
  }

  function item(media, number) {
    const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: number ? -1 : 0 });
    const picture = Object.assign(new Image(120, 90), { src: media.small_url, alt: "", loading: "lazy" });
    const name = Object.assign(document.createElement("span"), { className: "picture-dialog__name", textContent: media.title });
    const told = media.alt || (media.decorative ? says.decorative : says.noAlt);
    const alt = Object.assign(document.createElement("span"), { className: "quiet", textContent: told });
    name.dir = alt.dir = "auto";
    button.append(picture, name, " ", alt);
    button.addEventListener("click", () => insert(media));
    const place = document.createElement("li");
    place.append(button);
    return place;
  }

  // Arrows, Home and End go from picture to picture; Tab leaves the list.
  function move(event) {
    const buttons = [...list.querySelectorAll("button")];
    const at = buttons.indexOf(event.target);
    const { offsetTop } = buttons[0].parentElement;
    const columns = buttons.filter((each) => each.parentElement.offsetTop === offsetTop).length;
    const side = getComputedStyle(list).direction === "rtl" ? -1 : 1;
    const to = {
      ...{ ArrowRight: at + side, ArrowLeft: at - side, ArrowDown: at + columns, ArrowUp: at - columns },
      ...{ Home: 0, End: buttons.length - 1 },
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 && event.key === "ArrowUp") words.focus();
    buttons[to]?.focus();
  }

  list.addEventListener("focusin", (event) => {
    for (const button of list.querySelectorAll("button")) button.tabIndex = button === event.target ? 0 : -1;
  });

  function insert(media) {
    const { end } = selection();
    dialog.close();
    learn(media);
    // After the listener that gives the focus back to the text.
    if (!media.alt && !media.decorative) dialog.addEventListener("close", () => ask(media), { once: true });
    replace(end, end, asBlock(end, media.markdown).join(""));
    const after = selection().end;
    select(after + text().slice(after).match(/^\n*/)[0].length); // what is typed next belongs to the next paragraph
  }
}
