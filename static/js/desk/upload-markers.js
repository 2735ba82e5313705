// Dots beside the text, at the lines into which files come whose upload is not finished.

import { element, lineTop } from "./editor.js";

const margin = document.querySelector(".write__margin");
let drawn = "";

// `places`: [{ at, name }]. The list of pictures says the same in words.
export function draw(places) {
  const tops = places.map(({ at }) => lineTop(at));
  const state = JSON.stringify([places, tops, places.length && element.clientHeight]);
  if (!margin || state === drawn) return;
  drawn = state;
  margin.replaceChildren(
    ...places.map(({ name }, number) => {
      const dot = Object.assign(document.createElement("span"), { className: "write__dot", title: name });
      const top = tops[number];
      dot.hidden = top < 0 || top > element.clientHeight;
      dot.style.insetBlockStart = `${element.offsetTop + top}px`;
      return dot;
    }),
  );
}
