// A dialog that finds one's own posts and links to the one that is chosen: arrows and Return, or a click.

import { linkText } from "./formatting.js";
import { element, focus, replace, selection, text } from "./editor.js";

const dialog = document.querySelector("#own-links");

if (element && dialog) {
  const words = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const told = dialog.querySelector("[role=status]");
  let waiting;
  let asked = 0;

  document.querySelector('[data-tool="own"]').addEventListener("click", () => {
    const { start, end } = selection();
    words.value = text().slice(start, end).slice(0, 100).replace(/\s+/g, " ");
    dialog.showModal();
    find();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", focus);
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 200);
  });
  words.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const options = [...list.children];
    const at = options.findIndex((option) => option.ariaSelected === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      select(options[(at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      options[at]?.click();
    }
  });

  async function find() {
    const mine = ++asked;
    let answer;
    try {
      const url = `${dialog.dataset.url}?${new URLSearchParams({ q: words.value })}`;
      answer = await fetch(url, { headers: { Accept: "application/json" } });
      answer = answer.ok ? await answer.json() : null;
    } catch {
      answer = null;
    }
    if (mine !== asked) return;
    const links = answer?.links ?? [];
    list.replaceChildren(...links.map(option));
    select(list.firstElementChild);
    told.textContent = !answer ? dialog.dataset.failed : links.length ? "" : dialog.dataset.none;
  }

  function option(link, number) {
    const item = Object.assign(document.createElement("li"), { id: `own-link-${number}`, role: "option" });
    const when = Object.assign(document.createElement("span"), { className: "quiet" });
    when.textContent = [link.when, link.state].filter(Boolean).join(" · ");
    item.append(Object.assign(document.createElement("span"), { dir: "auto", textContent: link.title }), when);
    item.addEventListener("click", () => choose(link));
    return item;
  }

  function select(item) {
    for (const each of list.children) each.ariaSelected = String(each === item);
    item?.scrollIntoView({ block: "nearest" });
    if (item) words.setAttribute("aria-activedescendant", item.id);
    else words.removeAttribute("aria-activedescendant");
  }

  function choose(link) {
    const { start, end } = selection();
    const chosen = text().slice(start, end);
    dialog.close();
    replace(start, end, chosen.trim() ? `[${linkText(chosen)}](${link.url})` : link.markdown);
  }
}
