// A picture that is larger than its place opens over the whole page; those of a gallery follow one another. Escape, a
// click or the button closes it, arrow keys, the buttons or a swipe show the next one.

const words = document.querySelector("script[data-close]").dataset;
const SWIPE = 40; // CSS pixels

for (const picture of document.querySelectorAll(".prose img, .picture img")) {
  if (!picture.closest("a, button") && (picture.closest(".longrun-gallery") || isReduced(picture))) offer(picture);
}

function isReduced(picture) {
  const offered = [...(picture.srcset || "").matchAll(/ (\d+)w/g)].map((match) => Number(match[1]));
  const widest = Math.max(Number(picture.getAttribute("width")) || picture.naturalWidth, ...offered);
  return widest > picture.clientWidth * 1.2;
}

function offer(picture) {
  picture.classList.add("zoomable");
  picture.tabIndex = 0;
  picture.setAttribute("role", "button");
  if (!picture.alt) picture.setAttribute("aria-label", captionOf(picture) || words.open);
  picture.addEventListener("click", () => styled().then(() => open(picture)));
  picture.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      styled().then(() => open(picture));
    }
  });
}

function captionOf(picture) {
  return picture.closest("figure")?.querySelector("figcaption")?.textContent.trim() || "";
}

// A post with nothing but words and pictures has not loaded this sheet.
async function styled() {
  if (document.querySelector(`link[href="${words.sheet}"]`)) return;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: words.sheet });
  await new Promise((done) => {
    link.onload = link.onerror = done;
    document.querySelector("link[rel=stylesheet]").after(link); // own CSS comes after it
  });
}

function open(picture) {
  const gallery = picture.closest(".longrun-gallery");
  const pictures = gallery ? [...gallery.querySelectorAll(".zoomable")] : [picture];
  let place = pictures.indexOf(picture);

  const dialog = document.createElement("dialog");
  dialog.className = "zoom";
  const frame = dialog.appendChild(document.createElement("div"));
  const caption = dialog.appendChild(document.createElement("p"));
  caption.setAttribute("role", "status");
  const close = button(words.close, "zoom__close", () => dialog.close());
  const former = button(words.previous, "zoom__previous", () => show(place - 1), "‹");
  const next = button(words.next, "zoom__next", () => show(place + 1), "›");
  dialog.append(close, ...(pictures.length > 1 ? [former, next] : []));

  function show(wanted) {
    if (!pictures[wanted]) return;
    place = wanted;
    const shown = pictures[place];
    const said = captionOf(shown);
    dialog.setAttribute("aria-label", shown.alt || said || words.close);
    caption.textContent = [pictures.length > 1 && `${place + 1} / ${pictures.length}`, said].filter(Boolean).join(" · ");
    const large = shown.cloneNode();
    for (const name of ["aria-label", "class", "role", "tabindex", "loading", "sizes"]) large.removeAttribute(name);
    const sources = [...(shown.closest("picture")?.querySelectorAll("source") || [])].map((source) => source.cloneNode());
    for (const source of [...sources, large]) if (source.srcset) source.sizes = "100vw";
    const whole = document.createElement("picture");
    whole.append(...sources, large);
    frame.replaceChildren(whole);
    // A button that cannot be pressed any more must not keep the focus.
    if (document.activeElement === former && place === 0) next.focus();
    if (document.activeElement === next && place === pictures.length - 1) former.focus();
    former.disabled = place === 0;
    next.disabled = place === pictures.length - 1;
  }

  dialog.dir = getComputedStyle(picture).direction; // of the post, which may be another than the page's
  const forward = dialog.dir === "rtl" ? -1 : 1;
  const steps = { ArrowRight: forward, ArrowLeft: -forward, PageDown: 1, PageUp: -1 };
  dialog.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const wanted = { Home: 0, End: pictures.length - 1 }[event.key] ?? place + (steps[event.key] || NaN);
    if (Number.isNaN(wanted)) return;
    event.preventDefault();
    show(wanted);
  });

  let from = null;
  let swiped = false;
  dialog.addEventListener("pointerdown", (event) => {
    from = event.isPrimary && event.pointerType !== "mouse" ? event : null;
    swiped = false;
  });
  dialog.addEventListener("pointerup", (event) => {
    if (!from || !event.isPrimary) return;
    const [x, y] = [event.clientX - from.clientX, event.clientY - from.clientY];
    from = null;
    if (Math.abs(x) < SWIPE || Math.abs(x) < Math.abs(y)) return;
    swiped = true;
    show(place + (x < 0 ? forward : -forward));
  });
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("button") && !swiped) dialog.close();
    swiped = false;
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    pictures[place].focus({ preventScroll: true });
    pictures[place].scrollIntoView({ block: "nearest" });
  });
  document.body.append(dialog);
  show(place);
  dialog.showModal();
}

function button(label, name, deed, sign = "") {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: sign || label });
  made.className = `button ${name}`;
  if (sign) made.setAttribute("aria-label", label);
  made.addEventListener("click", deed);
  return made;
}
