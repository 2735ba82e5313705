// Rows that are moved by buttons are dragged as well. A row that is dropped somewhere else is saved as a button saves it:
// with all that is typed. Escape puts it back.

const NUMBERS = ["place", "menu_order", "number"].map((name) => `input[type="hidden"][name$="-${name}"]`).join();

for (const list of document.querySelectorAll(".ordered")) {
  for (const row of list.children) {
    const handle = Object.assign(document.createElement("span"), { className: "move__handle" });
    handle.setAttribute("aria-hidden", "true"); // the buttons beside it do the same for the keyboard
    handle.addEventListener("pointerdown", (event) => event.button === 0 && drag(event, handle, row));
    row.querySelector(".move").prepend(handle);
  }
}

function drag(event, handle, row) {
  const list = row.parentElement;
  const before = [...list.children];
  const end = new AbortController();
  const on = (name, deed) => handle.addEventListener(name, deed, { signal: end.signal });
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
  row.classList.add("is-dragged");
  // The others go around the row: an element that is taken out of the page loses the pointer.
  on("pointermove", ({ clientY }) => {
    while (row.previousElementSibling && clientY < middle(row.previousElementSibling)) row.after(row.previousElementSibling);
    while (row.nextElementSibling && clientY > middle(row.nextElementSibling)) row.before(row.nextElementSibling);
    row.scrollIntoView({ block: "nearest" });
  });
  on("pointerup", () => {
    finish();
    if (before.some((other, at) => other !== list.children[at])) save(list, row);
  });
  on("pointercancel", putBack);
  addEventListener("keydown", ({ key }) => key === "Escape" && putBack(), { signal: end.signal });

  function finish() {
    end.abort();
    row.classList.remove("is-dragged");
  }

  function putBack() {
    finish();
    list.replaceChildren(...before);
  }
}

function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}

function save(list, row) {
  for (const [at, each] of [...list.children].entries()) each.querySelector(NUMBERS).value = at + 1;
  const button = Object.assign(document.createElement("button"), { name: "move", value: `${row.id} here`, hidden: true });
  row.append(button);
  row.closest("form").requestSubmit(button);
  button.remove();
}
