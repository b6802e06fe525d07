// The explorer: values of named columns as a list to choose from, filters that go away, page size at once.
(() => {
  "use strict";
  const choices = JSON.parse(document.getElementById("column-choices")?.textContent || "{}");

  const listFor = (name) => {
    const id = `values-${name}`;
    if (!document.getElementById(id)) {
      const list = document.createElement("datalist");
      list.id = id;
      list.append(...choices[name].map(([, label]) => new Option(label, label)));
      document.body.append(list);
    }
    return id;
  };

  const refresh = (row) => {
    const column = row.querySelector("[data-filter-column]");
    const value = row.querySelector("[data-filter-value]");
    if (choices[column.value]) value.setAttribute("list", listFor(column.value));
    else value.removeAttribute("list");
    const unit = column.selectedOptions[0]?.dataset.unit;
    value.placeholder = choices[column.value] ? "Choose or type" : unit ? `Value in ${unit}` : "Value";
  };

  const refreshAll = () => document.querySelectorAll("[data-filter]").forEach(refresh);

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("[data-filter-column]")) refresh(target.closest("[data-filter]"));
    if (target.matches("[data-submit]")) target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-filter-drop]");
    if (!drop) return;
    const form = drop.closest("form");
    drop.closest("[data-filter]").remove();
    form.requestSubmit();
  });
  document.addEventListener("htmx:afterSettle", refreshAll);
  refreshAll();
})();
