// What the keyboard does in the text: shortcuts, and lists that go on at Return.
// Tab stays what it is everywhere: the way on to the next thing.

import { insideCode } from "./formatting.js";
import { atReturn, element, hasFocus, replace, selection, text } from "./editor.js";

const form = element?.closest("form");

const tool = (name) => document.querySelector(`markdown-toolbar [data-tool="${name}"]`);
const SHORTCUTS = {
  s: () => form.querySelector('[name="action"][value="keep"], [name="action"][value="save"]')?.click(),
  b: () => tool("bold").click(),
  i: () => tool("italic").click(),
  k: () => {
    const { start, end } = selection();
    tool(start !== end ? "link" : "own").click();
  },
};

form?.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const key = event.key.toLowerCase();
  if (!(key in SHORTCUTS) || (key !== "s" && !hasFocus())) return;
  event.preventDefault();
  SHORTCUTS[key]();
});

atReturn(() => {
  const { start, end } = selection();
  return start === end && goOn(end);
});

// The mark of the next item, after an item; after an empty one the list has ended.
function goOn(at) {
  const whole = text();
  const start = whole.lastIndexOf("\n", at - 1) + 1;
  const line = whole.slice(start, at);
  const item = line.match(/^(\s*(?:>\s?)*)(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?/);
  const quote = line.match(/^\s*(?:>\s?)+/);
  if ((!item && !quote) || insideCode(whole, start)) return false;
  const mark = item ? item[0] : quote[0];
  if (line.length === mark.length && /^\n|^$/.test(whole.slice(at, at + 1))) {
    replace(start, at, item?.[1] ?? "");
    return true;
  }
  if (line.length < mark.length) return false;
  const next = item && `${item[1]}${item[2] ?? `${Number(item[3]) + 1}${item[4]}`}${item[5]}${item[6] ? "[ ] " : ""}`;
  replace(at, at, `\n${next ?? mark}`);
  return true;
}
