// File fields one can drop on: what was chosen, whether it is too large, how much has been sent.
(() => {
  "use strict";
  const MEGABYTE = 1024 * 1024;
  const NAMES_SHOWN = 5;

  const size = (bytes) => (bytes < MEGABYTE ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / MEGABYTE).toFixed(1)} MB`);

  const tell = (zone) => {
    const field = zone.querySelector("input[type=file]");
    const line = zone.querySelector("[data-chosen]");
    const most = Number(zone.dataset.mostMb);
    const files = [...field.files];
    const large = files.filter((file) => file.size > most * MEGABYTE);
    const names = files.slice(0, NAMES_SHOWN).map((file) => `${file.name} (${size(file.size)})`);
    if (files.length > NAMES_SHOWN) names.push(`and ${files.length - NAMES_SHOWN} more`);
    line.textContent = large.length ? `${large[0].name} has ${size(large[0].size)}: choose a file of at most ${most} MB.` : names.join(", ");
    line.classList.toggle("drop__chosen--bad", large.length > 0);
    field.setCustomValidity(large.length ? line.textContent : "");
  };

  for (const zone of document.querySelectorAll("[data-drop]")) {
    zone.addEventListener("change", () => tell(zone));
    zone.addEventListener("dragover", () => zone.classList.add("drop--over"));
    for (const end of ["dragleave", "drop"]) zone.addEventListener(end, () => zone.classList.remove("drop--over"));
    if (zone.querySelector("input[type=file]").files.length) tell(zone); // chosen before this script came
  }

  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.closest("[data-upload]")?.querySelector("[data-upload-progress]");
    if (bar && event.detail.lengthComputable) bar.value = event.detail.loaded / event.detail.total;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("[data-upload]");
    if (!form || !event.detail.successful) return;
    form.reset();
    for (const zone of form.querySelectorAll("[data-drop]")) tell(zone);
    form.querySelector("[data-upload-progress]").value = 0;
  });
})();
