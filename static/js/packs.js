// Copies the address of a link; without scripts it stands in a field to be marked and copied.
(() => {
  "use strict";
  const SAID_MS = 2000;

  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = button.parentElement.querySelector("[data-copy-from]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        return; // Not allowed here: the address is marked and can be copied by hand.
      }
      button.textContent = "Copied";
      window.setTimeout(() => (button.textContent = "Copy"), SAID_MS);
    });
  }
})();
