// A copy button on every block of code, and a way for the keyboard into boxes that scroll.

const words = document.querySelector("script[data-copy]").dataset;

for (const pre of document.querySelectorAll(".prose pre")) {
  if (navigator.clipboard) addButton(pre);
}
for (const box of document.querySelectorAll(".prose pre, .prose table, .prose [role=region]")) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
}

function addButton(pre) {
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "copy", textContent: words.copy,
  });
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(pre.innerText.trimEnd());
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  });
  const box = document.createElement("div");
  box.className = "code";
  pre.replaceWith(box);
  box.append(pre, button);
}
