// Pictures that are dropped, pasted or picked: brought to the library one after the other, put where the writer is,
// and asked what they show.

import { swap, type } from "./typing.js";

const SILENCE = 120_000; // ms after which a file that does not move on is given up, and the form is free again

const field = document.querySelector("#id_source");
const landing = document.querySelector("#landing");

if (field && landing) {
  const form = field.form;
  const files = landing.querySelector("input[type=file]");
  const list = landing.querySelector("ul");
  const told = landing.querySelector("[role=status]");
  const shape = landing.querySelector("template");
  let turn = Promise.resolve();
  let coming = 0;
  let typed = 0;
  let number = 0;

  document.querySelector('[data-tool="picture"]')?.addEventListener("click", () => files.click());
  files.addEventListener("change", () => {
    bring([...files.files]);
    files.value = "";
  });
  field.addEventListener("keydown", () => { typed += 1; });
  field.addEventListener("paste", (event) => {
    const brought = [...(event.clipboardData?.files ?? [])];
    if (!brought.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    bring(brought);
  });
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      form.classList.add("is-target");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      if (name === "drop" || !form.contains(event.relatedTarget)) form.classList.remove("is-target");
    });
  }
  form.addEventListener("drop", (event) => {
    const brought = [...event.dataTransfer.files];
    if (!brought.length) return;
    event.preventDefault();
    bring(brought);
  });
  form.addEventListener("submit", (event) => {
    if (!coming) return;
    event.preventDefault();
    told.textContent = landing.dataset.wait;
  });

  function bring(brought) {
    landing.hidden = false;
    for (const file of brought) {
      const arrival = new Arrival(file, ++number);
      coming += 1;
      const before = typed;
      turn = turn.then(() => arrival.upload()).then(() => {
        coming -= 1;
        if (!coming) told.textContent = "";
        // Whoever goes on typing is not taken away from it.
        if (!coming && typed === before) list.querySelector("[data-name=alt]:placeholder-shown, [data-name=alt]")?.focus();
      });
    }
  }

  class Arrival {
    constructor(file, number) {
      this.file = file;
      this.item = shape.content.cloneNode(true).firstElementChild;
      this.item.querySelector(".landing__name").textContent = file.name;
      this.bar = this.item.querySelector("progress");
      this.bar.ariaLabel = landing.dataset.coming.replace("%s", file.name);
      for (const label of this.item.querySelectorAll("[data-for]")) {
        label.htmlFor = this.field(label.dataset.for).id = `landing-${number}-${label.dataset.for}`;
      }
      this.button = this.item.querySelector("button");
      this.button.addEventListener("click", () => this.done());
      list.append(this.item);
      this.line = `![${this.bar.ariaLabel.replace(/[[\]]/g, "")} (${number})]()`;
      const at = field.selectionEnd;
      const gap = at && !field.value.slice(0, at).endsWith("\n\n") ? (field.value[at - 1] === "\n" ? "\n" : "\n\n") : "";
      type(field, `${gap}${this.line}\n\n`, at, at);
    }

    field(name) {
      return this.item.querySelector(`[data-name="${name}"]`);
    }

    upload() {
      return new Promise((resolve) => {
        const body = new FormData();
        body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        body.set("files", this.file);
        const request = new XMLHttpRequest();
        request.open("POST", landing.dataset.url);
        request.setRequestHeader("Accept", "application/json");
        request.responseType = "json";
        let silence = null;
        const watch = () => {
          clearTimeout(silence);
          silence = setTimeout(() => request.abort(), SILENCE);
        };
        request.upload.addEventListener("progress", (event) => {
          watch();
          if (event.lengthComputable) this.bar.value = (100 * event.loaded) / event.total;
        });
        request.addEventListener("load", () => {
          const answer = request.response;
          if (answer?.taken?.length) this.landed(answer.taken[0]);
          else this.failed(answer?.refused?.[0] ?? landing.dataset[request.status < 500 ? "refused" : "failed"]);
          resolve();
        });
        for (const end of ["error", "abort"]) {
          request.addEventListener(end, () => {
            this.failed(landing.dataset.failed);
            resolve();
          });
        }
        request.addEventListener("loadend", () => clearTimeout(silence));
        watch();
        request.send(body);
      });
    }

    landed(media) {
      this.media = media;
      this.bar.remove();
      this.put(media.markdown);
      if (!media.picture) return this.leave();
      const thumb = Object.assign(new Image(96, 72), { src: media.small_url, alt: "" });
      this.item.querySelector(".landing__thumb").append(thumb);
      this.item.querySelector(".landing__fields").hidden = this.button.hidden = false;
      for (const name of ["alt", "caption"]) {
        // Not before the focus has arrived where it is going: it is to stay there.
        this.field(name).addEventListener("change", () => setTimeout(() => this.say()));
        this.field(name).addEventListener("keydown", (event) => {
          if (event.key !== "Enter" || event.isComposing) return;
          event.preventDefault();
          if (name === "alt") this.field("caption").focus();
          else this.done();
        });
      }
      this.field("featured").addEventListener("change", () => feature(media, this.field("featured").checked));
    }

    failed(why) {
      this.put("");
      this.bar.remove();
      const alarm = Object.assign(document.createElement("p"), { className: "field__error", textContent: why });
      alarm.setAttribute("role", "alert");
      this.item.querySelector(".landing__facts").insertBefore(alarm, this.button.parentElement);
      this.button.hidden = false;
    }

    put(line) {
      if (swap(field, this.line, line)) this.line = line;
    }

    // What it shows goes into the text and into the library.
    say() {
      const alt = this.field("alt").value.trim().replace(/\[/g, "(").replace(/\]/g, ")");
      const caption = this.field("caption").value.trim().replace(/"/g, "”");
      const line = `![${alt}](${this.media.url}${caption ? ` "${caption}"` : ""})`;
      if (line === this.line) return;
      this.put(line);
      const body = new FormData();
      body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      for (const [name, value] of Object.entries({ title: this.media.title, alt, caption })) body.set(name, value);
      fetch(this.media.edit_url, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => {
        told.textContent = landing.dataset.failed;
      });
    }

    done() {
      if (this.media) this.say();
      const next = this.item.nextElementSibling ?? this.item.previousElementSibling;
      this.leave();
      (next?.querySelector("input:not([type=checkbox])") ?? field).focus();
    }

    leave() {
      this.item.remove();
      landing.hidden = !list.children.length;
      if (landing.hidden) field.focus({ preventScroll: true });
    }
  }
}

// The new picture among those of the drawer, chosen.
function feature(media, yes) {
  const row = document.querySelector(".featured");
  let radio = row.querySelector(`input[value="${yes ? media.pk : ""}"]`);
  if (!radio) {
    radio = Object.assign(document.createElement("input"), { type: "radio", name: "featured", value: media.pk });
    const label = Object.assign(document.createElement("label"), { className: "featured__one" });
    label.append(radio, Object.assign(new Image(96, 72), { src: media.small_url, alt: media.title }));
    row.firstElementChild.after(label);
  }
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}
