// What a word processor or a web page puts on the clipboard, as Markdown: headings, bold and italic, links, lists, tables,
// quotes and code. Turndown writes it; before that the shapes of Google Docs, Word and Pages become plain HTML.

import { TurndownService, strikethrough, tables } from "../../vendor/codemirror-6/turndown.js";

const SAID = "a, b, strong, i, em, del, s, strike, code, pre, h1, h2, h3, h4, h5, h6, ul, ol, table, blockquote, hr, img";
const BLOCKS = "address, article, blockquote, div, dl, h1, h2, h3, h4, h5, h6, hr, li, ol, p, pre, section, table, ul";
const SAFE = /^(https?:|mailto:|tel:|#|\/)/i;

// The Markdown, or "" where the HTML has nothing that plain text would lose.
export function toMarkdown(html) {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  const sizes = fontSizes(body.ownerDocument);
  for (const unseen of body.querySelectorAll("style, script, template, title, meta, link, noscript")) unseen.remove();
  removeComments(body);
  listsOfWord(body);
  if (sizes) headingsOf(body, sizes);
  nameHeadings(body);
  nameStyles(body);
  tidyLists(body);
  tidyTables(body);
  tidyLinks(body);
  if (!body.querySelector(SAID)) return "";
  return service().turndown(body).replace(/^[ \t]+$/gm, "").replace(/\n{3,}/g, "\n\n").trim();
}

function service() {
  const made = new TurndownService({
    bulletListMarker: "-",
    codeBlockStyle: "fenced",
    emDelimiter: "_",
    headingStyle: "atx",
    hr: "---",
    strongDelimiter: "**",
  });
  made.use([strikethrough, tables]);
  made.addRule("strikethrough", { filter: ["del", "s", "strike"], replacement: (content) => `~~${content}~~` });
  made.addRule("listItem", {
    filter: "li",
    replacement(content, node) {
      const list = node.parentNode;
      const number = Number(list.getAttribute("start") ?? 1) + [...list.children].indexOf(node);
      const mark = `${list.nodeName === "OL" ? `${number}.` : "-"} ${node.dataset.task ?? ""}`;
      const indent = " ".repeat(list.nodeName === "OL" ? `${number}. `.length : 2);
      const words = content.trim().replace(/\n{2,}(?=\s*(?:[-*+]|\d+\.) )/g, "\n").replace(/\n(?=[^\n])/g, `\n${indent}`);
      return `${mark}${words}${node.nextElementSibling ? "\n" : ""}`;
    },
  });
  return made;
}

function rename(element, name) {
  const made = element.ownerDocument.createElement(name);
  made.append(...element.childNodes);
  element.replaceWith(made);
  return made;
}

function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

// Word's conditions (<![if …]>) are comments to a browser, and its <o:p> are elements without a meaning.
function removeComments(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  for (const comment of found) comment.remove();
  for (const element of body.querySelectorAll("*")) if (element.localName.includes(":")) unwrap(element);
}

// Paragraphs that say "mso-list: l0 level2 lfo1", with their mark in a span that Word itself ignores.
function listsOfWord(body) {
  let open = []; // the lists that the next item may go on with, the outermost first
  for (const paragraph of [...body.querySelectorAll("p, h1, h2, h3, h4, h5, h6")]) {
    const level = Number(/mso-list:[^;"']*?level(\d+)/i.exec(paragraph.getAttribute("style") ?? "")?.[1] ?? 0);
    if (!level || !/^MsoList/i.test(paragraph.className)) {
      open = [];
      continue;
    }
    const mark = [...paragraph.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(span.getAttribute("style") ?? ""));
    const name = /^\s*(?:\d+|[a-z]{1,4})[.)]/i.test(mark?.textContent ?? "") ? "ol" : "ul";
    mark?.remove();
    if (open.length && !follows(open[0], paragraph)) open = [];
    open.length = Math.min(open.length, level);
    if (open.length === level && open[level - 1].localName !== name) open.length -= 1;
    if (!open.length) {
      open.push(body.ownerDocument.createElement(name));
      paragraph.before(open[0]);
    }
    while (open.length < level) {
      const list = body.ownerDocument.createElement(open.length + 1 === level ? name : "ul");
      const outer = open.at(-1);
      (outer.lastElementChild ?? outer.appendChild(body.ownerDocument.createElement("li"))).append(list);
      open.push(list);
    }
    const item = body.ownerDocument.createElement("li");
    item.append(...paragraph.childNodes);
    open.at(-1).append(item);
    paragraph.remove();
  }
}

function follows(list, paragraph) {
  let next = list.nextSibling;
  while (next?.nodeType === Node.TEXT_NODE && !next.data.trim()) next = next.nextSibling;
  return next === paragraph;
}

// Pages and other Mac programs say in a style sheet how large their paragraphs are: { "p.p1": 24 }.
function fontSizes(page) {
  if (!/Cocoa/.test(page.querySelector("meta[name=Generator]")?.content ?? "")) return null;
  const rules = [...page.querySelectorAll("style")].map(({ textContent }) => textContent).join("\n");
  return new Map([...rules.matchAll(/(p\.p\d+)\s*\{[^}]*font:[^;}]*?(\d+(?:\.\d+)?)px/g)].map(([, name, size]) => [name, Number(size)]));
}

// Paragraphs that are larger than most of the text are its headings.
function headingsOf(body, sizes) {
  const sizeOf = (paragraph) => sizes.get(`p.${paragraph.className}`) ?? 0;
  const letters = new Map();
  const paragraphs = [...body.querySelectorAll("p")];
  for (const each of paragraphs) letters.set(sizeOf(each), (letters.get(sizeOf(each)) ?? 0) + each.textContent.trim().length);
  const usual = [...letters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
  const larger = [...letters.keys()].filter((size) => size > usual * 1.15 && letters.get(size)).sort((a, b) => b - a);
  for (const each of paragraphs) {
    const rank = larger.indexOf(sizeOf(each));
    if (rank < 0 || !each.textContent.trim()) continue;
    const heading = rename(each, `h${Math.min(rank + 1, 6)}`);
    for (const bold of heading.querySelectorAll("b, strong")) unwrap(bold);
  }
}

// The title of a post is its first heading; those of its text begin with the second level.
function nameHeadings(body) {
  for (const element of body.querySelectorAll("p.MsoTitle")) rename(element, "h1");
  for (const element of body.querySelectorAll("[role=heading]:not(h1, h2, h3, h4, h5, h6)")) {
    rename(element, `h${Math.min(6, Number(element.ariaLevel) || 2)}`);
  }
  for (const heading of body.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!heading.textContent.trim()) heading.remove();
    for (const bold of heading.querySelectorAll("b, strong")) unwrap(bold);
  }
  if (!body.querySelector("h1")) return;
  for (const level of [5, 4, 3, 2, 1]) for (const each of body.querySelectorAll(`h${level}`)) rename(each, `h${level + 1}`);
}

// What is bold by its style alone becomes so by its element, and a <b> that says it is none (Google Docs) is none.
function nameStyles(body) {
  for (const element of [...body.querySelectorAll("b, strong, i, em")]) {
    const { "font-style": fontStyle, "font-weight": fontWeight = "" } = styleOf(element);
    const isBold = /^(b|strong)$/.test(element.localName);
    if (isBold ? /^(normal|[1-4]00)$/.test(fontWeight) : fontStyle === "normal") unwrap(element);
  }
  for (const span of [...body.querySelectorAll("span[style], font[style], a[style]")]) {
    const { "font-style": fontStyle, "font-weight": fontWeight, "text-decoration": decoration, "text-decoration-line": line } = styleOf(span);
    if (!span.textContent.trim()) continue;
    if (/^(bold|bolder|[6-9]00)$/.test(fontWeight) && !span.closest("h1, h2, h3, h4, h5, h6, b, strong")) within(span, "strong");
    if (fontStyle === "italic" && !span.closest("i, em")) within(span, "em");
    if (/line-through/.test(`${decoration} ${line}`) && !span.closest("del, s, strike")) within(span, "del");
  }
  for (const element of [...body.querySelectorAll("b:empty, strong:empty, i:empty, em:empty")]) element.remove();
  body.normalize();
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  // Word processors set spaces that do not break wherever two meet; those of French and of numbers stay.
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest("pre")) node.data = node.data.replace(/(?<![«\d])\u00a0+(?![\u00a0:;!?»%€\d])/g, " ");
  }
}

// The `style` of an element that is on no page: the Content-Security-Policy keeps it from `element.style`.
function styleOf(element) {
  const rules = (element.getAttribute("style") ?? "").toLowerCase().matchAll(/(?:^|;)\s*([a-z-]+)\s*:\s*([^;]*)/g);
  return Object.fromEntries([...rules].map(([, name, value]) => [name, value.trim()]));
}

function within(element, name) {
  const made = element.ownerDocument.createElement(name);
  made.append(...element.childNodes);
  element.append(made);
}

// Lists that lie in lists belong to the item before them; items hold words, not paragraphs; tasks are told by their role.
function tidyLists(body) {
  for (const wrapper of [...body.querySelectorAll(".ListContainerWrapper")]) unwrap(wrapper);
  for (const list of [...body.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")]) {
    const before = list.previousElementSibling;
    if (before?.localName === "li") before.append(list);
    else rename(list.parentNode.insertBefore(body.ownerDocument.createElement("li"), list), "li").append(list);
  }
  for (const list of [...body.querySelectorAll("ul, ol")]) {
    const before = list.previousElementSibling;
    const isNext = before?.localName === list.localName && list.className && before.className === list.className && before.nextSibling === list;
    if (!isNext) continue;
    before.append(...list.childNodes);
    list.remove();
  }
  for (const item of body.querySelectorAll("li")) {
    const box = item.querySelector("input[type=checkbox]");
    if (item.getAttribute("role") === "checkbox" || box) {
      item.dataset.task = item.ariaChecked === "true" || box?.hasAttribute("checked") ? "[x] " : "[ ] ";
      item.querySelector("img, input")?.remove();
    }
    const paragraphs = item.querySelectorAll(":scope > p");
    if (paragraphs.length === 1) unwrap(paragraphs[0]);
  }
}

// The first row of a table that has no head is its head, and a cell is one line.
function tidyTables(body) {
  for (const table of body.querySelectorAll("table")) {
    for (const part of table.querySelectorAll("colgroup, col")) part.remove();
    for (const block of [...table.querySelectorAll("p, div, h1, h2, h3, h4, h5, h6")]) {
      if (block.nextElementSibling) block.append(" ");
      unwrap(block);
    }
    for (const line of table.querySelectorAll("br")) line.replaceWith(" ");
    const first = table.rows[0];
    if (!first || table.tHead) continue;
    for (const cell of [...first.cells]) {
      const head = rename(cell, "th");
      for (const bold of head.querySelectorAll("b, strong")) unwrap(bold);
    }
    table.createTHead().append(first);
  }
}

// Addresses that a browser does not follow, and pictures that are elsewhere, are left out; their words stay.
function tidyLinks(body) {
  for (const link of [...body.querySelectorAll("a")]) {
    const address = link.getAttribute("href") ?? "";
    const isGoogles = /^https:\/\/www\.google\.com\/url\?/.test(address) && new URL(address).searchParams.get("q");
    if (isGoogles) link.setAttribute("href", isGoogles);
    if (!SAFE.test(address) || !link.textContent.trim() || /^#(_|cmnt|ftnt)/.test(address)) unwrap(link);
    else if (link.querySelector(BLOCKS)) unwrap(link);
    else link.removeAttribute("title");
  }
  for (const picture of [...body.querySelectorAll("img")]) {
    const address = picture.getAttribute("src") ?? "";
    const isOwn = URL.canParse(address, location) && new URL(address, location).origin === location.origin && !/^(data|blob|file):/.test(address);
    if (isOwn) picture.setAttribute("src", new URL(address, location).pathname);
    else picture.remove();
  }
}
