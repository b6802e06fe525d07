// The project form: the currency beside amounts, and only the fields that matter for what was chosen.
(() => {
  "use strict";
  const HOME = { UK: "GBP", EU: "EUR", US: "USD" };
  const NEEDS = {
    lease__indexation_spread_rate: ["lease__indexation", "cpi"],
    lease__indexation_lag_months: ["lease__indexation", "cpi"],
    lease__cpi_floor_rate: ["lease__indexation", "cpi"],
    lease__cpi_cap_rate: ["lease__indexation", "cpi"],
    lease__fixed_indexation_rate: ["lease__indexation", "fixed"],
    revenue__electricity_price_per_mwh: ["revenue__lease_type", "gross"],
    credit__insurance_premium_bps: ["credit__insurance_wrap", true],
  };
  const form = document.querySelector("[data-project-form]");
  if (!form) return;
  const field = (name) => form.elements.namedItem(name);
  const value = (name) => (field(name)?.type === "checkbox" ? field(name).checked : field(name)?.value);

  const refresh = () => {
    const currency = { project: value("currency") || "", capex: value("capex_currency") || value("currency") || "" };
    for (const mark of form.querySelectorAll("[data-currency]")) mark.textContent = currency[mark.dataset.currency];
    for (const [name, [other, wanted]] of Object.entries(NEEDS)) {
      const box = form.querySelector(`[data-field="${name}"]`);
      if (box) box.hidden = value(other) !== wanted && !box.querySelector(".field__error");
    }
  };

  form.addEventListener("change", (event) => {
    if (event.target.name === "country" && !value("currency") && HOME[event.target.value]) {
      field("currency").value = HOME[event.target.value];
    }
    refresh();
  });
  document.addEventListener("htmx:afterSettle", refresh);
  refresh();
})();
