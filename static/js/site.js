// What every page has: the theme switch, menus that close, messages that can be put away, forms sent once.
(() => {
  "use strict";
  const GOOD_NEWS_MS = 6000;
  const root = document.documentElement;

  const isDark = () =>
    root.dataset.theme === "dark" ||
    (root.dataset.theme !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);

  const announceTheme = () => document.dispatchEvent(new CustomEvent("atlas:theme"));

  const store = window.localStorage;
  const themeForm = document.querySelector("[data-theme-switch]");

  // Kept with the person; what could not be sent goes with the next page.
  const sendTheme = () => {
    const theme = store.getItem("atlas-theme");
    const body = new URLSearchParams(new FormData(themeForm));
    body.set("theme", theme);
    const headers = { "X-Requested-With": "fetch" };
    fetch(themeForm.action, { method: "POST", body, headers, keepalive: true })
      .then((answer) => {
        if (answer.ok && store.getItem("atlas-theme") === theme) store.removeItem("atlas-theme-unsent");
      })
      .catch(() => {});
  };

  const switchTheme = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    store.setItem("atlas-theme", root.dataset.theme);
    store.setItem("atlas-theme-unsent", "yes");
    announceTheme();
    sendTheme();
  };

  themeForm?.addEventListener("submit", (event) => {
    event.preventDefault();
    switchTheme();
  });
  if (themeForm && store.getItem("atlas-theme-unsent")) sendTheme();

  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announceTheme);

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except && !menu.contains(except)) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    if (target.closest("[data-print]")) window.print();
    const shows = target.closest("[data-show-password]");
    if (shows) {
      const field = document.getElementById(shows.dataset.showPassword);
      const isShown = field.type === "password";
      field.type = isShown ? "text" : "password";
      shows.setAttribute("aria-pressed", String(isShown));
    }
    const close = target.closest("[data-close]");
    if (close) close.closest(close.dataset.close)?.remove();
    closeMenus(target);
  });

  for (const button of document.querySelectorAll("[data-show-password]")) button.hidden = false;

  // How long a password would be guessed at, in a word; nothing of it leaves the page. Whether it may be used, the server says.
  const STRENGTHS = ["Too short: 12 characters at least", "Weak: easily guessed", "Fair: add another word", "Strong"];
  const strengthOf = (password) => {
    if (password.length < 12) return 0;
    // A run (aaaa, 1234) or a repetition adds nothing: what is counted is what could not be foreseen.
    const letters = [...password.toLowerCase()];
    const surprises = letters.filter((letter, at) => {
      const step = at ? letter.codePointAt(0) - letters[at - 1].codePointAt(0) : 2;
      return Math.abs(step) > 1 && !letters.slice(Math.max(0, at - 3), at).includes(letter);
    });
    const bits = surprises.length * Math.log2(new Set(letters).size + 10);
    return bits < 45 ? 1 : bits < 65 ? 2 : 3;
  };
  for (const meter of document.querySelectorAll("[data-password-strength]")) {
    const field = document.getElementById(meter.dataset.passwordStrength);
    field?.addEventListener("input", () => {
      meter.textContent = field.value ? STRENGTHS[strengthOf(field.value)] : "";
    });
  }

  // A menu that one tabs out of closes; up and down walk through it.
  document.addEventListener("focusin", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = document.activeElement?.closest("details.menu");
    if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    if (document.activeElement.matches("input, textarea, select")) return;
    event.preventDefault();
    menu.open = true;
    const stops = [menu.querySelector("summary"), ...menu.querySelectorAll(".menu__panel :is(a, button, input:not([type=hidden]), textarea, select)")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement?.closest("details.menu[open]");
    closeMenus(null);
    menu?.querySelector("summary")?.focus();
  });

  // Keys that work on every page, unless one is typing.
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches?.("input, textarea, select, [contenteditable]");
    const wants = (link) => {
      event.preventDefault();
      const box = document.querySelector(".find__words");
      if (link === "[data-find]" && box) box.focus();
      else document.querySelector(link)?.click();
    };
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") wants("[data-find]");
    else if (!isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && event.key === "/") wants("[data-find]");
    else if (!isTyping && event.key === "?") wants("[data-help]");
  });

  // Good news leaves by itself, unless it can be undone; anything else stays until it is put away.
  const letGo = (toast) => {
    window.setTimeout(() => (toast.matches(":hover, :focus-within") ? letGo(toast) : toast.remove()), GOOD_NEWS_MS);
  };
  for (const toast of document.querySelectorAll("[data-toasts] .note--success:not(:has(form))")) letGo(toast);

  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;

  // Ways back to a table lead to it as it was left: filters, columns, order and page.
  const LEFT = "atlas-table:";
  const keepTable = () => {
    if (document.querySelector("[data-results]")) window.sessionStorage.setItem(LEFT + window.location.pathname, window.location.search);
  };
  keepTable();
  document.addEventListener("htmx:pushedIntoHistory", keepTable);
  for (const link of document.querySelectorAll("[data-results-link]")) {
    link.search = window.sessionStorage.getItem(LEFT + link.pathname) || "";
  }

  // What was typed into a form that keeps no draft is not left behind unasked.
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const leave = (event) => event.preventDefault();
    const guard = () => window.addEventListener("beforeunload", leave);
    form.addEventListener("input", guard);
    form.addEventListener("change", guard);
    form.addEventListener("submit", () => window.removeEventListener("beforeunload", leave));
  }

  // What pages kept in this tab, a form's unsent words among it, goes with the session; browsers without TLS do not do so by themselves.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) window.sessionStorage.clear();
  });

  // What cannot be undone is asked about once.
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-confirm]");
    if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
  });

  // What waits for entries that hold opens and closes with what a fragment says of them.
  document.addEventListener("htmx:afterSettle", () => {
    for (const says of document.querySelectorAll("[data-opens]")) {
      document.getElementById(says.dataset.opens).disabled = says.dataset.isReady !== "yes";
    }
  });

  // A form that starts something is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
  });

  // A fragment that could not be fetched says so instead of leaving old figures without a word.
  document.addEventListener("htmx:sendError", () => say("The server cannot be reached. What you see may be out of date."));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401 || event.detail.xhr.status === 403) say("You are signed out, or may not do this. Reload the page.");
    else say("The server could not answer. Nothing was changed; try again.");
  });

  function say(text) {
    const box = document.querySelector("[data-toasts]");
    const template = document.querySelector("template[data-toast]");
    if (!box || !template || box.textContent.includes(text)) return;
    const toast = template.content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-toast-text]").textContent = text;
    box.append(toast);
  }
})();
