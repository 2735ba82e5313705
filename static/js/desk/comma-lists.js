// A list in a field of one line: items between commas, an item that holds a comma in quotation marks. The same as
// blog/desk/comma_lists.py reads and writes.

const COMMA = /[,，、]/;
const CURLY = { "“": "”", "„": "“”", "”": "”", "«": "»", "「": "」" };
const OPENING = new RegExp(`^["${Object.keys(CURLY).join("")}]`);
const BARE = /[^,，、]*/y;
const QUOTED = /\s*"((?:[^"]|"")*)"\s*(?=[,，、]|$)/y;
const ENCLOSED = Object.entries(CURLY).map(
  ([opening, closing]) => new RegExp(`\\s*${opening}([^${closing}]{0,400})[${closing}]\\s*(?=[,，、]|$)`, "y"),
);

const oneLine = (text) => text.replace(/\s+/g, " ").trim();

function first(text, at) {
  const match = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  let found = match(QUOTED);
  if (found) return [found[1].replaceAll('""', '"'), at + found[0].length];
  for (const pattern of ENCLOSED) {
    found = match(pattern);
    // Without a comma they are a part of the item: “Heroes” is not Heroes.
    if (found && COMMA.test(found[1])) return [found[1], at + found[0].length];
  }
  [found] = match(BARE);
  return [found, at + found.length];
}

export function split(text) {
  const items = [];
  for (let at = 0; at <= text.length; ) {
    const [item, end] = first(text, at);
    items.push(oneLine(item));
    at = end + 1;
  }
  return items.filter(Boolean);
}

export function quoted(item) {
  return OPENING.test(item) || COMMA.test(item) ? `"${item.replaceAll('"', '""')}"` : item;
}

export const join = (items) => items.map(quoted).join(", ");

// The items that are ended by a comma, and what follows them: that is still being typed.
export function completed(text) {
  const items = [];
  let at = 0;
  while (!isOpen(text.slice(at))) {
    const [item, end] = first(text, at);
    if (end >= text.length) break;
    items.push(oneLine(item));
    at = end + 1;
  }
  return [items.filter(Boolean), text.slice(at)];
}

// Whether the text begins with a quotation mark that nothing closes yet.
function isOpen(text) {
  const [mark, ...rest] = text.trimStart();
  if (mark === '"') return (rest.join("").match(/"/g) ?? []).length % 2 === 0;
  return Boolean(CURLY[mark]) && !rest.some((letter) => CURLY[mark].includes(letter));
}
