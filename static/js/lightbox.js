// A picture that is larger than its place opens over the whole page; Escape, a click or the button closes it.

const words = document.querySelector("script[data-close]").dataset;

for (const picture of document.querySelectorAll(".prose img, .picture img")) {
  if (!picture.closest("a, button") && widest(picture) > picture.clientWidth * 1.2) offer(picture);
}

function widest(picture) {
  const offered = [...(picture.srcset || "").matchAll(/ (\d+)w/g)].map((match) => Number(match[1]));
  return Math.max(Number(picture.getAttribute("width")) || picture.naturalWidth, ...offered);
}

function offer(picture) {
  picture.classList.add("zoomable");
  picture.tabIndex = 0;
  picture.setAttribute("role", "button");
  picture.addEventListener("click", () => open(picture));
  picture.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(picture);
    }
  });
}

function open(picture) {
  const dialog = document.createElement("dialog");
  dialog.className = "zoom";
  dialog.setAttribute("aria-label", picture.alt || words.close);
  const large = picture.cloneNode();
  for (const name of ["class", "role", "tabindex", "loading", "sizes"]) large.removeAttribute(name);
  if (large.srcset) large.sizes = "100vw";
  const close = Object.assign(document.createElement("button"), {
    type: "button", className: "button", textContent: words.close,
  });
  dialog.append(large, close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    picture.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
}
