// The tour on the start page: one stop at a time, what it tells of marked on the page. Left by its button or by Escape.
(() => {
  "use strict";
  const tour = document.querySelector("[data-tour]");
  if (!tour) return;
  const stops = [...tour.querySelectorAll("[data-tour-stop]")];
  const [back, next] = tour.querySelectorAll("[data-tour-step]");
  const said = tour.querySelector("[data-tour-at]");
  let at = 0;

  const show = (place) => {
    at = place;
    stops.forEach((stop, number) => (stop.hidden = number !== at));
    for (const marked of document.querySelectorAll(".is-toured")) marked.classList.remove("is-toured");
    document.querySelector(stops[at].dataset.tourStop)?.classList.add("is-toured");
    said.textContent = `${at + 1} of ${stops.length}`;
    back.disabled = at === 0;
    next.disabled = at === stops.length - 1;
  };

  tour.querySelector("[data-tour-steps]").hidden = false;
  tour.addEventListener("click", (event) => {
    const step = event.target.closest("[data-tour-step]");
    if (!step) return;
    show(at + Number(step.dataset.tourStep));
    stops[at].focus();
  });
  tour.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tour.querySelector("form").requestSubmit();
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] || 0;
    if (!step || !stops[at + step]) return;
    event.preventDefault();
    show(at + step);
    stops[at].focus();
  });
  show(0);
})();
