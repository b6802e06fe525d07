// Passkeys: the browser is asked for what the page needs, and its answer goes with the form. Conversion: webauthn-json.
(() => {
  "use strict";
  const isAble = window.webauthnJSON && window.webauthnJSON.supported();

  const requestOf = async (form) => {
    const kept = document.getElementById("passkey-request");
    if (kept) return JSON.parse(kept.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("Too many tries: wait a minute.");
    return answer.json();
  };

  const ask = async (form) => {
    const said = form.querySelector("[data-passkey-said]");
    said.textContent = "";
    try {
      const { creation_options: created, request_options: requested } = await requestOf(form);
      const credential = created ? await window.webauthnJSON.create(created) : await window.webauthnJSON.get(requested);
      form.elements.credential.value = JSON.stringify(credential);
      HTMLFormElement.prototype.submit.call(form);
    } catch (error) {
      const isKnown = error.name === "InvalidStateError";
      const isPut = error.name === "NotAllowedError" || error.name === "AbortError";
      said.textContent = isKnown
        ? "This device has a passkey of this account already."
        : isPut
          ? "No passkey was used: it was cancelled, took too long, or there is none here. Try again."
          : `Your browser could not do it: ${error.message}`;
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = !isAble;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
  for (const other of document.querySelectorAll("[data-no-passkey]")) other.hidden = isAble;
})();
