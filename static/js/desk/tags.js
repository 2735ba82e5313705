// The field of tags as chips, with completion, and a word when a new tag is nearly an old one. The field that is sent
// stays what it was: names between commas.

import { completed, join, split } from "./comma-lists.js";
import { filled } from "./bidi.js";

const box = document.querySelector(".tags");
const truth = box?.querySelector("#id_tag_names");

const fold = (word) => word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();

function singular(word) {
  const key = fold(word).replace(/-/g, " ");
  for (const [ending, instead] of [["ies", "y"], ["sses", "ss"], ["shes", "sh"], ["ches", "ch"], ["xes", "x"], ["s", ""]]) {
    if (key.endsWith(ending) && !key.endsWith("ss") && key.length - ending.length >= 2) {
      return key.slice(0, -ending.length) + instead;
    }
  }
  return key;
}

function element(name, facts = {}, attributes = {}) {
  const made = Object.assign(document.createElement(name), facts);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

if (truth) {
  const words = box.dataset;
  const known = [...document.querySelectorAll("#known-tags option")].flatMap((option) => split(option.value));
  const byKey = new Map(known.map((name) => [fold(name), name]));
  const bySingular = new Map(known.map((name) => [singular(name), name]));
  let names = [];

  const chips = element("ul", { className: "chips" });
  const input = element("input", { id: "id_tag_names", autocomplete: "off" }, {
    role: "combobox", "aria-expanded": "false", "aria-controls": "tags-offered", "aria-autocomplete": "list",
    "aria-describedby": truth.getAttribute("aria-describedby") ?? "tags-told",
  });
  if (truth.getAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
  const offered = element("ul", { id: "tags-offered", className: "picker__results", hidden: true }, {
    role: "listbox", "aria-label": words.offered,
  });
  const told = element("p", { id: "tags-told", className: "field__help" }, { role: "status" });
  truth.id = "tag-names-sent";
  truth.removeAttribute("list");
  truth.type = "hidden";
  truth.after(chips, input, offered, told);
  const help = box.querySelector(".field__help[id$=helptext]");
  if (help) help.textContent = words.help;

  read();
  for (const event of ["input", "change"]) {
    truth.addEventListener(event, (happened) => { if (!happened.detail?.ours) read(); });
  }
  input.addEventListener("input", () => {
    const [whole, rest] = completed(input.value);
    for (const name of whole) add(name);
    if (rest !== input.value) input.value = rest.trimStart();
    offer();
    send();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const options = [...offered.children];
    const at = options.findIndex((option) => option.ariaSelected === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options.length) return;
      event.preventDefault();
      const to = event.key === "ArrowDown" ? at + 1 : at < 0 ? options.length - 1 : at - 1;
      select(options[(to + options.length) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(options[at] ? [options[at].textContent] : split(input.value));
    } else if (event.key === "Escape" && !offered.hidden) {
      event.preventDefault();
      shut();
    } else if (event.key === "Backspace" && !input.value && names.length) {
      names.pop();
      draw();
      send();
    }
  });
  input.addEventListener("blur", () => {
    setTimeout(() => {
      if (document.activeElement === input) return;
      take(split(input.value));
    }, 150);
  });

  function read() {
    names = [];
    for (const name of split(truth.value)) add(name, false);
    input.value = "";
    draw();
  }

  function take(taken) {
    for (const name of taken) add(name);
    input.value = "";
    shut();
    send();
  }

  function add(name, tell = true) {
    name = name.replace(/\s+/g, " ").trim();
    if (!name) return;
    const there = byKey.get(fold(name));
    if (!names.some((other) => fold(other) === fold(name))) names.push(there ?? name);
    draw();
    if (!tell) return;
    told.replaceChildren();
    const near = bySingular.get(singular(name));
    if (there && there !== name) told.textContent = filled(words.same, there);
    else if (!there && near) {
      const button = element("button", { type: "button", className: "link", textContent: filled(words.use, near) });
      button.addEventListener("click", () => {
        names = names.map((other) => (other === name ? near : other)).filter((each, at, all) => all.indexOf(each) === at);
        told.replaceChildren();
        draw();
        send();
        input.focus();
      });
      told.append(filled(words.near, near), " ", button);
    }
  }

  function draw() {
    chips.hidden = !names.length;
    chips.replaceChildren(...names.map((name) => {
      const remove = element("button", { type: "button", textContent: "×" }, {
        "aria-label": filled(words.remove, name),
      });
      remove.addEventListener("click", () => {
        names = names.filter((other) => other !== name);
        draw();
        send();
        input.focus();
      });
      const chip = element("li", { className: "chip", dir: "auto", textContent: name });
      chip.append(remove);
      return chip;
    }));
  }

  function send() {
    truth.value = [join(names), input.value.trim()].filter(Boolean).join(", ");
    truth.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: { ours: true } }));
  }

  function offer() {
    const typed = fold(input.value);
    const fitting = typed
      ? known.filter((name) => fold(name).includes(typed) && !names.includes(name))
          .sort((a, b) => fold(b).startsWith(typed) - fold(a).startsWith(typed)).slice(0, 8)
      : [];
    offered.replaceChildren(...fitting.map((name, number) => {
      const option = element("li", { id: `tag-offered-${number}`, dir: "auto", textContent: name }, {
        role: "option", "aria-selected": "false",
      });
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => take([name]));
      return option;
    }));
    offered.hidden = !fitting.length;
    input.setAttribute("aria-expanded", String(!offered.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function select(option) {
    for (const each of offered.children) each.ariaSelected = String(each === option);
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function shut() {
    offered.replaceChildren();
    offered.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}
