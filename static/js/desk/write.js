// The write page, made nicer: completion of the tag that is being typed, "Schedule" when the date lies ahead,
// and a drawer that remembers whether it was open.

const tags = document.querySelector("#id_tag_names");
const known = document.querySelector("#known-tags");
if (tags && known) {
  const names = [...known.options].map((option) => option.value);
  tags.addEventListener("input", () => {
    const before = tags.value.match(/^.*,\s*/s)?.[0] ?? "";
    known.replaceChildren(...names.map((name) => new Option("", before + name)));
  });
}

const date = document.querySelector("#id_publish_at");
const publish = document.querySelector("[data-schedule]");
if (date && publish) {
  const name = () => {
    const later = date.value && new Date(date.value) > new Date();
    publish.textContent = later ? publish.dataset.schedule : publish.dataset.publish;
  };
  date.addEventListener("input", name);
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
