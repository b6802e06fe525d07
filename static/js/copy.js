// Copies the address of a link; without scripts it stands in a field to be marked and copied.
(() => {
  "use strict";
  const SAID_MS = 2000;

  const showAll = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  };

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!button) return;
    const field = button.parentElement.querySelector("[data-copy-from]");
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      return; // Not allowed here: the address is marked and can be copied by hand.
    }
    button.textContent = "Copied";
    window.setTimeout(() => (button.textContent = "Copy"), SAID_MS);
  });
  document.addEventListener("htmx:afterSettle", showAll);
  showAll();
})();
