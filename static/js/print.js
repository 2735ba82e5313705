// On paper a link cannot be pressed: while the page is printed, addresses stand below the text as numbered notes.

const text = document.querySelector(".entry--alone > .prose");

if (text) {
  addEventListener("beforeprint", number);
  addEventListener("afterprint", restore);
}

function number() {
  restore();
  const addresses = [...new Set([...text.querySelectorAll("a[href^=http]")].map((link) => link.href))];
  if (!addresses.length) return;
  const list = document.createElement("ol");
  list.className = "addresses";
  list.append(...addresses.map((address) => Object.assign(document.createElement("li"), { textContent: address })));
  for (const link of text.querySelectorAll("a[href^=http]")) {
    const mark = document.createElement("sup");
    mark.className = "addresses__mark";
    mark.textContent = `[${addresses.indexOf(link.href) + 1}]`;
    link.after(mark);
  }
  text.append(list);
}

function restore() {
  for (const added of text.querySelectorAll(".addresses, .addresses__mark")) added.remove();
}
