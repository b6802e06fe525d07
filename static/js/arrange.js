// Projects are dragged within a series and from one to another; the same posts as the buttons beside them make it so.
(() => {
  "use strict";

  const beside = (item) => {
    const before = item.nextElementSibling?.dataset.project;
    const after = item.previousElementSibling?.dataset.project;
    return after ? { after } : before ? { before } : {};
  };

  const dropped = ({ item, from, to, oldIndex, newIndex }) => {
    if (from === to && oldIndex === newIndex) return;
    const values = { series: to.dataset.series, ...beside(item) };
    window.htmx.ajax("POST", item.dataset.address, { values, target: "#shelves", swap: "outerHTML" });
  };

  const start = () => {
    for (const list of document.querySelectorAll("[data-arrange]:not([data-started])")) {
      list.dataset.started = "yes";
      for (const handle of list.querySelectorAll("[data-handle]")) handle.hidden = false;
      window.Sortable.create(list, {
        group: "projects",
        handle: "[data-handle]",
        draggable: "[data-project]",
        animation: 120,
        ghostClass: "arrange__item--ghost",
        onEnd: dropped,
      });
    }
  };

  document.addEventListener("htmx:afterSettle", start);
  start();
})();
