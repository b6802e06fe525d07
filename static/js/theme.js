// Runs before the first paint, so the page never flashes in the other theme. A person's preference comes with the page
// and is remembered here for the pages before the sign-in; a choice that has not reached the server yet goes first.
(() => {
  "use strict";
  const root = document.documentElement;
  const store = window.localStorage;
  const saved = root.dataset.themeSaved;
  if (saved && !store.getItem("atlas-theme-unsent")) store.setItem("atlas-theme", saved);
  const chosen = store.getItem("atlas-theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
