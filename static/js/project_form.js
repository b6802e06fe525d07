// The project form: currencies beside amounts, only the fields that matter, and changed figures said in a few words.
(() => {
  "use strict";
  const HOME = { UK: "GBP", EU: "EUR", US: "USD" };
  const PAIRS = { fees__management_rate: "fees__management_amount", fees__management_amount: "fees__management_rate" };
  const QUIET_MS = 1200;
  const MOST_SAID = 4;
  const form = document.querySelector("[data-project-form]");
  if (!form) return;
  const NEEDS = JSON.parse(document.getElementById("field-needs").textContent);
  const field = (name) => form.elements.namedItem(name);
  const value = (name) => (field(name)?.type === "checkbox" ? field(name).checked : field(name)?.value);
  const isHidden = (name) => !field(name) || field(name).type === "hidden";

  const refresh = () => {
    const currency = { project: value("currency") || "", capex: value("capex_currency") || value("currency") || "" };
    for (const mark of form.querySelectorAll("[data-currency]")) mark.textContent = currency[mark.dataset.currency];
    for (const [name, [other, wanted]] of Object.entries(NEEDS)) {
      const box = form.querySelector(`[data-field="${name}"]`);
      if (box && !isHidden(other)) box.hidden = !wanted.includes(value(other)) && !box.querySelector(".field__error");
    }
    for (const input of form.querySelectorAll("input[id], select[id]")) {
      const error = document.getElementById(`${input.id}_error`)?.querySelector(".field__error");
      if (error) input.setAttribute("aria-invalid", "true");
      else if (input.getAttribute("aria-invalid") && input.type !== "hidden") input.removeAttribute("aria-invalid");
    }
  };

  // What changed is said once the typing rests: the fault of the field one is in, and the first few figures.
  const figures = () =>
    new Map([...document.querySelectorAll("[data-figure]")].map((each) => [each.dataset.figure, each.textContent.trim()]));
  let known = figures();
  let waiting = 0;
  const tell = () => {
    const now = figures();
    const changed = [...now].filter(([name, text]) => known.get(name) !== text);
    known = now;
    const fault = document.getElementById(`${document.activeElement?.id}_error`)?.textContent.trim();
    const words = changed.slice(0, MOST_SAID).map(([name, text]) => `${name} ${text}`);
    const box = form.querySelector("[data-said]");
    if (box && (fault || words.length)) box.textContent = fault || words.join(", ");
  };

  form.addEventListener("input", (event) => {
    const other = PAIRS[event.target.name];
    if (other && event.target.value && field(other)) field(other).value = "";
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "country" && !value("currency") && HOME[event.target.value]) {
      field("currency").value = HOME[event.target.value];
    }
    refresh();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    refresh();
    if (event.target.id === "capex-table") form.dispatchEvent(new Event("change", { bubbles: true }));
    window.clearTimeout(waiting);
    waiting = window.setTimeout(tell, QUIET_MS);
  });
  // Up and down walk the column of the cost table, as in a workbook.
  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".capex__table td");
    if (!cell || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const column = [...form.querySelectorAll(`.capex__table td[data-label="${cell.dataset.label}"] input`)];
    const next = column[column.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  });

  // A block copied from a workbook fills the cells to the right and below, as it would there.
  form.addEventListener("paste", (event) => {
    const cell = event.target.closest(".capex__table td");
    const text = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "") || "";
    if (!cell || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const rows = [...form.querySelectorAll(".capex__table tbody tr")].map((row) => [...row.querySelectorAll("input")]).filter((row) => row.length);
    const top = rows.findIndex((row) => row.includes(event.target));
    const left = rows[top].indexOf(event.target);
    text.split("\n").forEach((line, down) => {
      line.split("\t").forEach((typed, across) => {
        const input = rows[top + down]?.[left + across];
        if (input) input.value = typed.trim();
      });
    });
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // What is typed is kept once the typing rests, at the latest after MOST_UNKEPT_MS; what is not kept yet when the
  // page is left goes along with it.
  const REST_MS = 1500;
  const MOST_UNKEPT_MS = 5000;
  const autosave = form.querySelector("[data-autosave]");
  let typed = 0;
  let kept = 0;
  let sent = 0;
  let unkeptSince = 0;
  let timer = 0;
  const isUnkept = () => typed !== kept;
  const say = (words) => {
    const line = document.querySelector("#draft-state .draft-state__line");
    if (line) line.textContent = words;
  };
  const schedule = (rest) => {
    window.clearTimeout(timer);
    const latest = unkeptSince + MOST_UNKEPT_MS - Date.now();
    timer = window.setTimeout(() => window.htmx.trigger(autosave, "keep"), Math.max(0, Math.min(rest, latest)));
  };
  const type = () => {
    if (!isUnkept()) unkeptSince = Date.now();
    typed += 1;
    say("Saving...");
    schedule(REST_MS);
  };
  form.addEventListener("input", type);
  form.addEventListener("change", type);
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    kept = typed;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === autosave) sent = typed;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== autosave) return;
    if (event.detail.successful) kept = Math.max(kept, sent);
    else say("Not saved yet: the server did not answer. We go on trying; do not close this page.");
    if (!isUnkept()) return;
    unkeptSince = Date.now();
    schedule(event.detail.successful ? REST_MS : MOST_UNKEPT_MS);
  });
  // The state may come while one types: it tells of the draft before.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "draft-state" && isUnkept()) say("Saving...");
  });
  const keep = () => {
    if (!isUnkept()) return;
    const going = new FormData(form);
    going.delete("costs_file"); // only what was typed is small enough to go along
    if (navigator.sendBeacon(form.dataset.draftUrl, going)) kept = typed;
  };
  // A session that has ended leads to the sign-in and back here: what it would not keep waits in this tab, for this person.
  const STASH = `atlas-unkept:${form.dataset.person}:${window.location.pathname}`;
  const entries = () => [...form.elements].filter((each) => each.name && !["hidden", "submit", "file"].includes(each.type));
  const stash = () => {
    const held = entries().map((each) => [each.id || each.name, each.type === "checkbox" ? each.checked : each.value]);
    window.sessionStorage.setItem(STASH, JSON.stringify(held));
  };
  const unstash = () => {
    const held = new Map(JSON.parse(window.sessionStorage.getItem(STASH) || "[]"));
    window.sessionStorage.removeItem(STASH);
    if (!held.size) return;
    for (const each of entries()) {
      const was = held.get(each.id || each.name);
      if (was === undefined) continue;
      if (each.type === "checkbox") each.checked = was;
      else each.value = was;
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (isUnkept() && event.detail.xhr.getResponseHeader("HX-Redirect")) stash();
  });
  window.addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep());
  unstash();
  refresh();
  if (form.querySelector("[data-faults]")) form.querySelector('[aria-invalid="true"]:not([type="hidden"])')?.focus();
})();
