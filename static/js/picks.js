// Ticking two to six rows to compare; what is ticked stays so on the table's other pages.
(() => {
  "use strict";
  const MOST = 6;

  const placeOf = (form) => `atlas-picks:${new URL(form.action).pathname}`;
  const kept = (form) => new Set(JSON.parse(window.sessionStorage.getItem(placeOf(form)) || "[]"));
  const keep = (form, chosen) => window.sessionStorage.setItem(placeOf(form), JSON.stringify([...chosen]));

  // Rows of other pages go along unseen.
  const carry = (form, chosen, shown, name) => {
    for (const input of form.querySelectorAll("[data-pick-carried]")) input.remove();
    for (const value of chosen) {
      if (shown.has(value)) continue;
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      input.dataset.pickCarried = "";
      form.append(input);
    }
  };

  const refresh = (form) => {
    const picks = [...form.querySelectorAll("[data-pick]")];
    const chosen = kept(form);
    for (const pick of picks) {
      pick.checked = chosen.has(pick.value);
      pick.disabled = !pick.checked && chosen.size >= MOST;
    }
    const shown = new Set(picks.map((pick) => pick.value));
    carry(form, chosen, shown, picks[0]?.name || "index");
    const elsewhere = [...chosen].filter((value) => !shown.has(value)).length;
    const send = form.querySelector("[data-pick-send]");
    const clear = form.querySelector("[data-pick-clear]");
    const note = form.querySelector("[data-pick-note]");
    if (send) send.disabled = chosen.size < 2;
    if (clear) clear.hidden = chosen.size === 0;
    if (!note) return;
    note.textContent =
      chosen.size === 0
        ? "Tick two to six to see them side by side."
        : `${chosen.size} of at most ${MOST} ticked${elsewhere ? `, ${elsewhere} on other pages` : ""}`;
  };

  const refreshAll = () => {
    for (const form of document.querySelectorAll("[data-picks]")) refresh(form);
  };

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-picks]");
    if (!form || !event.target.matches("[data-pick]")) return;
    const chosen = kept(form);
    if (event.target.checked) chosen.add(event.target.value);
    else chosen.delete(event.target.value);
    keep(form, chosen);
    refresh(form);
  });
  document.addEventListener("click", (event) => {
    const clear = event.target.closest?.("[data-pick-clear]");
    if (!clear) return;
    keep(clear.form, []);
    refresh(clear.form);
  });
  document.addEventListener("htmx:afterSettle", refreshAll);
  window.addEventListener("pageshow", refreshAll);
})();
