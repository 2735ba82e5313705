// The write page, made nicer: buttons that say what the date makes of them, the address that the title makes, and a
// drawer that remembers whether it was open.

const date = document.querySelector("#id_publish_at");
const line = document.querySelector("[data-now]");
const deeds = document.querySelectorAll("button[data-empty]");
const now = document.querySelector("[name=when][value=now]");
const whenFields = document.querySelectorAll("[name=when], #id_publish_at");
const chosenDate = () => (now?.checked ? "" : date.value);
if (date && line) {
  // Both as the blog's clock has it, which need not be this browser's.
  const minute = (text) => Date.parse(`${text}Z`);
  const opened = minute(line.dataset.now) - performance.now();
  const name = () => {
    const isLater = minute(chosenDate()) > opened + performance.now();
    for (const button of deeds) {
      const said = button.dataset[chosenDate() ? (isLater ? "later" : "past") : "empty"];
      button.hidden = button.disabled = !said;
      if (said) button.textContent = said;
    }
  };
  for (const field of whenFields) field.addEventListener("input", name);
  name();
}

const address = document.querySelector("#address");
if (address) {
  const fields = ["title", "slug", "publish_at", "parent"].map((each) => document.querySelector(`#id_${each}`)).filter(Boolean);
  let waiting;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const wanted = new URL(address.dataset.url, location);
    for (const field of fields) {
      const value = field === date ? chosenDate() : field.value;
      wanted.searchParams.set(field.name, value.slice(0, 500));
    }
    try {
      const answer = await fetch(wanted, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected || mine !== asked) return;
      address.querySelector("span").textContent = (await answer.json()).address;
      address.hidden = false;
    } catch {
      // Without a server it says what was known last.
    }
  };
  for (const field of new Set([...fields, ...whenFields])) {
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, 500);
    });
  }
}

const drawer = document.querySelector("details[data-remember]");
if (drawer) {
  const key = `longrun.${drawer.dataset.remember}`;
  try {
    drawer.open ||= localStorage.getItem(key) === "open";
    drawer.addEventListener("toggle", () => localStorage.setItem(key, drawer.open ? "open" : "shut"));
  } catch {
    // A browser that keeps nothing: the drawer begins shut.
  }
}
