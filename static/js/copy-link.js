// "Copy link" below a post. Without JavaScript, or where a page may not write to the clipboard, the button stays hidden.

const button = document.querySelector("[data-copy-link]");

if (button && navigator.clipboard) {
  const words = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.parentElement.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(new URL(button.dataset.copyLink, location.href).href);
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}
