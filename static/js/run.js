// A run's page: follows the run while it goes, then draws what it found.
(() => {
  "use strict";
  const SILENCE_MS = 8000;
  const POLL_MS = 2000;
  const { axis, colour, data, draw, figure, fill, fixed, legend, short, tooltip } = window.AtlasCharts;

  const seconds = (value) => {
    if (value === null || value === undefined) return "\u2013";
    if (value < 100) return `${fixed(value, value < 10 ? 1 : 0)} s`;
    const minutes = Math.floor(value / 60);
    return minutes < 100 ? `${minutes} min ${fixed(Math.round(value % 60), 0)} s` : `${fixed(minutes / 60, 1)} h`;
  };
  const share = (part, whole, of) => (whole ? `${fixed((100 * part) / whole, 1)}% of ${of}` : "\u00a0");
  const SENTENCES = { queued: "Waiting for a worker", evaluating: "Evaluating", ranking: "Ranking what passed" };
  const SHOWN = {
    state_label: (p) => p.state_label,
    sentence: (p) => SENTENCES[p.state] || "",
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
    for (const [name, text] of Object.entries(SHOWN)) {
      for (const place of body.querySelectorAll(`[data-progress="${name}"]`)) {
        const words = text(progress);
        if (place.textContent !== words) place.textContent = words;
      }
    }
    const bar = body.querySelector("[data-progress-bar]");
    if (bar) bar.value = progress.done_count;
    const badge = body.querySelector('[data-progress="state_label"]');
    if (badge) badge.className = `badge badge--${progress.state}`;
  };

  const follow = (body) => {
    let ended = false;
    let heardAt = Date.now();
    let source = null;

    const take = (progress) => {
      if (ended) return;
      heardAt = Date.now();
      show(body, progress);
      if (!progress.is_finished) return;
      ended = true;
      source?.close();
      window.htmx.ajax("GET", body.dataset.page, { target: body, swap: "outerHTML" });
    };

    const poll = async () => {
      if (ended || !document.contains(body)) return;
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

  const drawHistogram = (found) => {
    const element = document.querySelector('[data-chart="histogram"]');
    const select = document.querySelector("[data-histogram-of]");
    if (!element || !select || !found.histograms.length) return;
    const named = new Map(found.histograms.map((item) => [item.name, item]));
    fill(select, found.histograms.map(({ name, label }) => [name, label]), found.histograms[0].name);
    const build = () => {
      const { label, unit, edges, series } = named.get(select.value);
      return {
        grid: { left: 8, right: 12, top: 12, bottom: 22, containLabel: true },
        tooltip: tooltip({
          trigger: "axis",
          axisPointer: { type: "shadow", shadowStyle: { opacity: 0.12 } },
          formatter: (bars) => {
            const at = bars[0].dataIndex;
            const rows = bars.filter((bar) => bar.value).map((bar) => `${bar.seriesName}: ${fixed(bar.value, 0)}`);
            return [`${label} ${short(edges[at], unit)} to ${short(edges[at + 1], unit)}`, ...rows].join("\n");
          },
        }),
        xAxis: axis({ type: "category", data: edges.slice(0, -1).map((edge) => short(edge, unit)), splitLine: { show: false } }),
        yAxis: axis({ type: "value", axisLabel: { ...axis().axisLabel, formatter: (value) => short(value, "count") } }),
        series: series.map(({ label: name, tier, counts }) => ({
          name, type: "bar", stack: "all", barCategoryGap: "8%", data: counts, itemStyle: { color: colour(`chart-${tier === "not-viable" ? "none" : tier}`) },
        })),
      };
    };
    draw(element, build);
    select.addEventListener("change", () => draw(element, build));
  };

  const drawScatter = ({ scatter, currency }) => {
    const element = document.querySelector('[data-chart="scatter"]');
    const across = document.querySelector("[data-scatter-x]");
    const up = document.querySelector("[data-scatter-y]");
    if (!element || !across || !up) return;
    const measures = Object.keys(scatter.columns).filter((name) => !["index", "rank", "tier"].includes(name));
    const choices = measures.map((name) => [name, scatter.columns[name].label]);
    fill(across, choices, "dscr_minimum");
    fill(up, choices, "day_one_value");
    const TIERS = [["diamond", "Diamond"], ["gold", "Gold"], ["silver", "Silver"], ["bronze", "Bronze"], ["not-viable", "Not viable"]];
    const build = () => {
      const { place, columns, rows } = scatter;
      const x = columns[across.value];
      const y = columns[up.value];
      const points = (tier) =>
        rows
          .filter((row) => row[place.tier] === tier && row[place[across.value]] !== null && row[place[up.value]] !== null)
          .map((row) => [row[place[across.value]], row[place[up.value]], row[place.index], row[place.rank]]);
      const present = TIERS.filter(([tier]) => points(tier).length);
      const mark = (column) => (column.unit === "amount" && currency ? `${column.label}, ${currency}` : column.label);
      return {
        grid: { left: 8, right: 24, top: 58, bottom: 28, containLabel: true },
        legend: legend({ top: 4, left: 4, data: present.map(([, label]) => label) }),
        tooltip: tooltip({
          trigger: "item",
          formatter: ({ seriesName, value }) =>
            [`Rank ${fixed(value[3], 0)}, ${seriesName}`, `${x.label}: ${figure(value[0], x.unit)}`, `${y.label}: ${figure(value[1], y.unit)}`, "Click to open"].join("\n"),
        }),
        xAxis: axis({ type: "value", scale: true, name: mark(x), nameLocation: "middle", nameGap: 26, axisLabel: { ...axis().axisLabel, formatter: (value) => short(value, x.unit) } }),
        yAxis: axis({ type: "value", scale: true, name: mark(y), nameTextStyle: { ...axis().nameTextStyle, align: "left" }, nameGap: 10, axisLabel: { ...axis().axisLabel, formatter: (value) => short(value, y.unit) } }),
        series: present.reverse().map(([tier, label]) => ({
          name: label, type: "scatter", data: points(tier), symbolSize: tier === "diamond" ? 8 : 6, cursor: "pointer",
          itemStyle: { color: colour(`chart-${tier === "not-viable" ? "none" : tier}`), opacity: 0.72 },
        })),
      };
    };
    const chart = draw(element, build);
    chart.on("click", ({ value }) => {
      window.location.assign(element.dataset.permutation.replace(/\/0\/$/, `/${value[2]}/`));
    });
    for (const select of [across, up]) select.addEventListener("change", () => draw(element, build));
  };

  const start = () => {
    const body = document.querySelector("[data-run]");
    if (body?.dataset.stream) follow(body);
    const found = data("run-charts");
    if (!found) return;
    drawHistogram(found);
    if (found.scatter.rows.length) drawScatter(found);
  };

  start();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.matches?.("[data-run]") || event.detail.elt?.matches?.("[data-run]")) start();
  });
})();
