// The accent color: the browser's color field beside the text, and a sample that the server makes again while one chooses.

const text = document.querySelector("#id_accent");
const picker = document.querySelector("#accent-picker");
const sample = document.querySelector("#accent-sample");

let waiting;
let asked = 0;

async function show() {
  const mine = ++asked;
  const wanted = new URL(location.pathname, location);
  wanted.searchParams.set("accent", text.value);
  try {
    const answer = await fetch(wanted, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected && mine === asked) sample.innerHTML = await answer.text();
  } catch {
    // Without a server the sample stays as it is.
  }
}

function soon() {
  clearTimeout(waiting);
  if (!text.value || /^#[0-9a-f]{6}$/i.test(text.value)) waiting = setTimeout(show, 100);
}

if (text && picker && sample) {
  picker.hidden = false;
  picker.addEventListener("input", () => {
    text.value = picker.value;
    soon();
  });
  text.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(text.value)) picker.value = text.value.toLowerCase();
    soon();
  });
}
