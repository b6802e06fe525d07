// Series fold in the list; this browser remembers which ones.
(() => {
  "use strict";
  const KEY = "atlas-folded-series";

  const folded = () => new Set(JSON.parse(window.localStorage.getItem(KEY) || "[]"));

  const show = (shelf, isFolded) => {
    shelf.toggleAttribute("data-folded", isFolded);
    const button = shelf.querySelector("[data-fold]");
    button.hidden = false;
    button.setAttribute("aria-expanded", String(!isFolded));
    button.setAttribute("aria-label", isFolded ? "Show the projects of this series" : "Fold this series");
  };

  const showAll = () => {
    const known = folded();
    for (const shelf of document.querySelectorAll("[data-shelf]")) show(shelf, known.has(shelf.dataset.shelf));
  };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-fold]") : null;
    if (!button) return;
    const shelf = button.closest("[data-shelf]");
    const known = folded();
    if (!known.delete(shelf.dataset.shelf)) known.add(shelf.dataset.shelf);
    window.localStorage.setItem(KEY, JSON.stringify([...known]));
    show(shelf, known.has(shelf.dataset.shelf));
  });

  document.addEventListener("htmx:afterSettle", showAll);
  showAll();
})();
