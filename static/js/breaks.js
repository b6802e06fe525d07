// The queue of breaks by keys: move, tick, open, take, go to the reason.
(() => {
  "use strict";
  const form = document.querySelector("[data-breaks]");
  if (!form) return;
  const rows = [...form.querySelectorAll("[data-break]")];
  let at = -1;

  const go = (to) => {
    at = Math.min(Math.max(to, 0), rows.length - 1);
    rows[at]?.querySelector("a").focus();
  };

  const verbs = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => rows[at]?.querySelector("input[type=checkbox]")?.click(),
    o: () => rows[at]?.querySelector("a").click(),
    t: () => form.querySelector("[data-take]")?.click(),
    r: () => form.querySelector("[data-reason]")?.focus(),
  };

  form.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-break]");
    if (row) at = rows.indexOf(row);
  });

  document.addEventListener("keydown", (event) => {
    const verb = verbs[event.key];
    if (!verb || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=checkbox]), select, textarea")) return;
    event.preventDefault();
    verb();
  });
})();
