// The write page, made nicer: "Schedule" when the date lies ahead, and a drawer that remembers whether it was open.

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
