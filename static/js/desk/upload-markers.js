// Dots beside the text, at the lines into which files come whose upload is not finished.

import { element, text, lineTop } from "./editor.js";

const margin = document.querySelector(".write__margin");
let drawn = "";

// `places`: [{ at, name }]. The list of pictures says the same in words.
export function draw(places) {
  const state = JSON.stringify([places, places.length && [text().length, element.clientWidth, element.scrollTop]]);
  if (!margin || state === drawn) return;
  drawn = state;
  margin.replaceChildren(
    ...places.map(({ at, name }) => {
      const dot = Object.assign(document.createElement("span"), { className: "write__dot", title: name });
      const top = lineTop(at);
      dot.hidden = top < 0 || top > element.clientHeight;
      dot.style.insetBlockStart = `${element.offsetTop + top}px`;
      return dot;
    }),
  );
}
