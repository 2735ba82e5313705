"""How large is what can be pressed on a page: WCAG 2.2, 2.5.8, and 44 px for what is pressed often."""

LEAST, OFTEN = 24, 44
PRESSED_OFTEN = (
    ".button, .respond .link, .respond textarea, .respond .field > input, .comment__foot a, .menu a, .menu summary, "
    ".review__navigation :is(a, button), .review__trust button, .row__actions :is(a, button), .account .field > input, "
    ".bar a"
)
# Two of the exceptions in 2.5.8 are used: links within a sentence, and small targets with room around them, where a
# circle of 24 px in the middle of each meets no other target and no such circle.
# Links in somebody's text are not measured.
TOO_SMALL = """([least, often, pressedOften]) => {
  const boxOf = (element) => {
    const parts = [element, ...(element.labels ?? [])];
    const boxes = parts.map((part) => part.getBoundingClientRect()).filter((box) => box.width);
    const [left, top] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])));
    const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])));
    return { left, top, right, bottom, width: right - left, height: bottom - top };
  };
  const isInSentence = (element) => {
    if (getComputedStyle(element).display !== "inline") return false;
    let block = element.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    const rest = block.cloneNode(true);
    rest.querySelectorAll("a, button, .visually-hidden, time").forEach((part) => part.remove());
    return /\\p{L}{2}/u.test(rest.textContent);
  };
  const targets = [...document.querySelectorAll("a[href], button, input, select, summary, textarea")]
    .filter((element) => element.type !== "hidden" && element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => !element.closest("[aria-hidden=true], .prose, .visually-hidden, .skip"))
    .map((element) => ({ element, box: boxOf(element) }));
  const isSmall = ({ box }, size) => Math.min(box.width, box.height) < size - 0.5;
  const small = targets.filter((target) => isSmall(target, least));
  const middle = ({ box }) => [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const hasRoom = (target) => {
    const [x, y] = middle(target);
    return targets.every((other) => {
      if (other === target) return true;
      const dx = Math.max(other.box.left - x, 0, x - other.box.right);
      const dy = Math.max(other.box.top - y, 0, y - other.box.bottom);
      if (Math.hypot(dx, dy) < least / 2) return false;
      return !small.includes(other) || Math.hypot(middle(other)[0] - x, middle(other)[1] - y) >= least;
    });
  };
  const told = ({ element, box }, size) => `${Math.round(box.width)} x ${Math.round(box.height)} px, not ${size}: `
    + element.outerHTML.replace(/\\s+/g, " ").slice(0, 140);
  return [
    ...small.filter((target) => !isInSentence(target.element) && !hasRoom(target)).map((target) => told(target, least)),
    ...targets.filter((target) => target.element.matches(pressedOften) && isSmall(target, often))
      .map((target) => told(target, often)),
  ];
}"""


def too_small(page, *, touch=True):
    """What can be pressed on this page and is too small, as sentences; what is pressed often is larger for `touch`."""
    return page.evaluate(TOO_SMALL, [LEAST, OFTEN if touch else LEAST, PRESSED_OFTEN])
