// A file goes up in pieces, each with its hash; what is here already is not sent again, also after a reload: the key of
// an unfinished upload stays in this browser, by the file's name, size and date.

const PAUSES = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000];

for (const form of document.querySelectorAll("[data-upload]")) {
  if (!window.isSecureContext || !crypto.subtle) break;
  form.addEventListener("submit", (event) => {
    const file = form.elements.file.files[0];
    if (!file) return;
    event.preventDefault();
    form.querySelector("button").disabled = true;
    send(form, file).catch((trouble) => {
      say(form, trouble.message);
      form.querySelector("button").disabled = false;
    });
  });
}

async function send(form, file) {
  const { piece, largest, url, what, run, sending, again, tooLarge } = form.dataset;
  if (file.size > Number(largest)) throw new Error(tooLarge);
  const mark = `longrun-import:${what}${run}:${file.name}:${file.size}:${file.lastModified}`;
  const key = localStorage.getItem(mark) ?? form.dataset.key;
  localStorage.setItem(mark, key);
  let offset = (await (await fetch(`${url}?key=${key}`)).json()).received ?? 0;
  let tries = 0;
  for (;;) {
    say(form, sending, (100 * offset) / Math.max(1, file.size));
    const part = file.slice(offset, offset + Number(piece));
    let answer = null;
    try {
      answer = await post(form, key, file, offset, part);
    } catch {
      answer = null;
    }
    if (answer?.url) {
      localStorage.removeItem(mark);
      location.assign(answer.url);
      return;
    }
    if (answer && answer.received > offset) {
      offset = answer.received;
      tries = 0;
    } else {
      if (answer?.final || tries >= PAUSES.length) throw new Error(answer?.why ?? again);
      say(form, again, (100 * offset) / Math.max(1, file.size));
      await new Promise((resolve) => setTimeout(resolve, PAUSES[tries]));
      tries += 1;
      if (answer?.received !== undefined) offset = answer.received;
    }
  }
}

async function post(form, key, file, offset, part) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await part.arrayBuffer()));
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("key", key);
  body.set("what", form.dataset.what);
  body.set("run", form.dataset.run);
  body.set("name", file.name);
  body.set("offset", offset);
  body.set("size", file.size);
  body.set("sha256", [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  body.set("piece", part, "piece");
  const response = await fetch(form.dataset.url, { method: "POST", body });
  if (response.status >= 500) return null;
  const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  return { ...answer, final: answer.final || response.status === 400 || response.status === 403 };
}

function say(form, text, percent) {
  const told = form.querySelector(".upload__progress");
  told.hidden = false;
  told.querySelector("[role=status]").textContent = percent === undefined ? text : `${text} ${Math.floor(percent)} %`;
  if (percent !== undefined) told.querySelector("progress").value = percent;
}
