// Ticking two to six rows to compare.
(() => {
  "use strict";
  const MOST = 6;

  const refresh = (form) => {
    const picks = [...form.querySelectorAll("[data-pick]")];
    const chosen = picks.filter((pick) => pick.checked);
    for (const pick of picks) pick.disabled = !pick.checked && chosen.length >= MOST;
    const send = form.querySelector("[data-pick-send]");
    const note = form.querySelector("[data-pick-note]");
    if (send) send.disabled = chosen.length < 2;
    if (!note) return;
    note.textContent =
      chosen.length === 0
        ? "Tick two to six to see them side by side."
        : `${chosen.length} of at most ${MOST} ticked`;
  };

  const refreshAll = () => {
    for (const form of document.querySelectorAll("[data-picks]")) refresh(form);
  };

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-picks]");
    if (form && event.target.matches("[data-pick]")) refresh(form);
  });
  document.addEventListener("htmx:afterSettle", refreshAll);
  window.addEventListener("pageshow", refreshAll);
})();
