// A run's page once it is done: draws what it found.
(() => {
  "use strict";
  const { axis, colour, data, draw, figure, fill, fixed, legend, short, tooltip } = window.AtlasCharts;

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
        yAxis: axis({ type: "value", minInterval: 1, axisLabel: { ...axis().axisLabel, formatter: (value) => short(value, "count") } }),
        series: series.map(({ label: name, tier, counts }) => ({
          name, type: "bar", stack: "all", cursor: "pointer", barCategoryGap: "8%", data: counts, itemStyle: { color: colour(`chart-${tier === "not-viable" ? "none" : tier}`) },
        })),
      };
    };
    const chart = draw(element, build);
    // A bar leads to its rows.
    chart.on("click", ({ dataIndex }) => {
      const { name, edges } = named.get(select.value);
      const filter = `${name}|between|${edges[dataIndex]},${edges[dataIndex + 1]}`;
      window.location.assign(`${element.dataset.results}?${new URLSearchParams({ filter })}`);
    });
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
