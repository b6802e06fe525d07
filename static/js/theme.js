// Runs before the first paint, so the page never flashes in the other theme.
(() => {
  "use strict";
  const chosen = window.localStorage.getItem("atlas-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
