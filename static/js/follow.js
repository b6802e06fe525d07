// Follows jobs while they go: server-sent events, and polling where those do not come. At the end of a job, and with
// `data-live` whenever more of it is done, `data-target` is fetched anew; without a target the page is loaded again.
(() => {
  "use strict";
  const SILENCE_MS = 8000;
  const POLL_MS = 2000;

  const fixed = (value, digits) => Number(value).toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const seconds = (value) => {
    if (value === null || value === undefined) return "\u2013";
    if (value < 100) return `${fixed(value, value < 10 ? 1 : 0)} s`;
    const minutes = Math.floor(value / 60);
    return minutes < 100 ? `${minutes} min ${fixed(Math.round(value % 60), 0)} s` : `${fixed(minutes / 60, 1)} h`;
  };
  const share = (part, whole, of) => (whole ? `${fixed((100 * part) / whole, 1)}% of ${of}` : "\u00a0");
  const SHOWN = {
    state_label: (p) => p.state_label,
    sentence: (p) => p.sentence,
    done_ratio: (p) => `${fixed(100 * p.done_ratio, 1)}%`,
    done_count: (p) => fixed(p.done_count, 0),
    gate_a_alive: (p) => fixed(p.gate_a_alive, 0),
    gate_b_alive: (p) => fixed(p.gate_b_alive, 0),
    gate_a_share: (p) => share(p.gate_a_alive, p.done_count, "those done"),
    gate_b_share: (p) => share(p.gate_b_alive, p.gate_a_alive, "those past Gate A"),
    rate_per_second: (p) => (p.rate_per_second ? fixed(p.rate_per_second, 0) : "\u2013"),
    seconds_elapsed: (p) => seconds(p.seconds_elapsed),
    seconds_left: (p) => seconds(p.seconds_left),
    chunks: (p) => `${p.chunks_done} of ${p.chunk_count} parts done`,
  };

  const show = (body, progress) => {
    for (const place of body.querySelectorAll("[data-progress]")) {
      const words = SHOWN[place.dataset.progress](progress);
      if (place.textContent !== words) place.textContent = words;
    }
    const bar = body.querySelector("[data-progress-bar]");
    if (bar) [bar.max, bar.value] = [progress.total_count, progress.done_count];
    const badge = body.querySelector('[data-progress="state_label"]');
    if (badge) badge.className = `badge badge--${progress.state}`;
  };

  const renew = (body) => {
    const { target, page } = body.dataset;
    if (!target) window.location.reload();
    else window.htmx.ajax("GET", page || window.location.href, { target, swap: "outerHTML" });
  };

  const follow = (body) => {
    let ended = false;
    let doneCount = null;
    let heardAt = Date.now();
    let source = null;

    const take = (progress) => {
      if (ended || !document.contains(body)) return;
      heardAt = Date.now();
      show(body, progress);
      // Whoever shows more of a job than its progress hears what its work tells.
      body.dispatchEvent(new CustomEvent("atlas:progress", { bubbles: true, detail: progress }));
      const moved = doneCount !== null && doneCount !== progress.done_count;
      doneCount = progress.done_count;
      if (progress.is_finished) {
        ended = true;
        source?.close();
        if ("live" in body.dataset) window.location.reload();
        else renew(body);
      } else if (moved && "live" in body.dataset) renew(body);
    };

    const poll = async () => {
      if (ended) return;
      if (!document.contains(body)) {
        source?.close();
        return;
      }
      const silent = Date.now() - heardAt > SILENCE_MS;
      if (!source || source.readyState === EventSource.CLOSED || silent) {
        try {
          const answer = await fetch(body.dataset.status, { headers: { Accept: "application/json" } });
          if (answer.ok) take(await answer.json());
        } catch {
          // The server is away; the next round asks again.
        }
      }
      window.setTimeout(poll, POLL_MS);
    };

    if ("EventSource" in window) {
      source = new EventSource(body.dataset.stream);
      for (const name of ["progress", "done"]) source.addEventListener(name, (event) => take(JSON.parse(event.data)));
      window.addEventListener("pagehide", () => source.close(), { once: true });
    }
    poll();
  };

  const start = () => {
    for (const body of document.querySelectorAll("[data-follow]:not([data-following])")) {
      body.dataset.following = "";
      follow(body);
    }
  };

  start();
  document.addEventListener("htmx:afterSettle", start);
})();
