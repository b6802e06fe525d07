// A slider beside each typed weight: moving it types the weight, and the form measures it. Typing moves the slider.
(() => {
  "use strict";
  const NUMBER = /^[+\-\u2212]?\d*[.,]?\d+$/;
  const DECIMAL = { comma_point: ".", point_comma: ",", space_comma: "," }[document.documentElement.dataset.numberFormat] || ".";
  for (const typed of document.querySelectorAll("[data-what-if] input[data-slides]")) {
    const start = Number(typed.dataset.slides);
    const reach = Math.max(50, Math.ceil(2 * Math.abs(start)));
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = String(start < 0 ? -reach : 0);
    slider.max = String(reach);
    slider.step = "0.25";
    slider.value = String(start);
    slider.className = "slider";
    slider.setAttribute("aria-label", `${typed.name.slice(2)}, weight in percent`);
    typed.closest(".field").append(slider);
    slider.addEventListener("input", () => {
      typed.value = String(Number(slider.value)).replace(".", DECIMAL);
    });
    typed.addEventListener("input", () => {
      const text = typed.value.trim();
      if (NUMBER.test(text)) slider.value = text.replace("\u2212", "-").replace(",", ".");
    });
  }
})();
