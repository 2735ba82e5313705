// A press on the picture sets its focus point, as the two sliders do; marker and crops follow. Without this script the
// sliders alone set it.

const box = document.querySelector(".focus-point");
const picture = box.querySelector(".focus-point__picture");
const marker = picture.querySelector("circle");
const [across, down] = box.querySelectorAll("[type=range]");

function show() {
  marker.setAttribute("cx", `${across.value}%`);
  marker.setAttribute("cy", `${down.value}%`);
  for (const crop of box.querySelectorAll(".focus-point__crops img")) {
    crop.style.objectPosition = `${across.value}% ${down.value}%`;
  }
}

function place({ clientX, clientY }) {
  const { left, top, width, height } = picture.getBoundingClientRect();
  across.value = (100 * (clientX - left)) / width; // the browser rounds it to a step of the slider
  down.value = (100 * (clientY - top)) / height;
  across.dispatchEvent(new Event("input", { bubbles: true }));
}

picture.addEventListener("click", place);
box.addEventListener("input", show);
picture.classList.add("is-active");
box.querySelector(".focus-point__press").hidden = false;
show(); // the browser may have kept what was moved before a reload
