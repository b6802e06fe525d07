// Charts of a strategy's runs, the figures of which stand in tables too, and the equity of a backtest while it grows.
(() => {
  "use strict";
  const { axis, colour, data, draw, figure, legend, short, tooltip } = window.AtlasCharts;
  const tints = ["chart-senior", "chart-mezz", "chart-equity"];
  const LINE = "line";
  const FLAT = "bar";

  const series = (chart) =>
    chart.series.map(({ name, values, mark }, number) => ({
      name,
      type: mark === LINE ? "line" : "bar",
      data: values,
      symbol: "none",
      itemStyle: { color: colour(tints[number % tints.length]) },
      lineStyle: { width: 2, color: colour(tints[number % tints.length]) },
    }));

  const options = (chart) => {
    const isFlat = chart.series.every(({ mark }) => mark === FLAT);
    const names = axis({ type: "category", data: chart.categories, splitLine: { show: false }, inverse: isFlat });
    const values = axis({
      type: "value",
      scale: chart.series.every(({ mark }) => mark === LINE),
      axisLabel: { ...axis().axisLabel, formatter: (value) => short(value, chart.unit) },
    });
    return {
      grid: { left: 8, right: 16, top: 40, bottom: 24, containLabel: true },
      legend: legend({ top: 4, left: 4 }),
      tooltip: tooltip({ trigger: "axis", valueFormatter: (value) => figure(value, chart.unit) }),
      xAxis: isFlat ? values : names,
      yAxis: isFlat ? names : values,
      series: series(chart),
    };
  };

  for (const [name, chart] of Object.entries(data("strategy-charts") || {})) {
    const place = document.querySelector(`[data-strategy-chart="${name}"]`);
    if (place) draw(place, () => options(chart));
  }

  const live = document.querySelector("[data-strategy-live]");
  if (!live) return;
  const days = new Map();
  document.addEventListener("atlas:progress", ({ detail }) => {
    if (!detail.equity) return;
    for (const [day, amount] of detail.equity) days.set(day, amount);
    live.hidden = false;
    const last = [...days.keys()].sort();
    live.querySelector("[data-strategy-live-words]").textContent = `To ${last.at(-1)}`;
    draw(live.querySelector("[data-strategy-live-chart]"), () =>
      options({ unit: "amount", categories: last, series: [{ name: "Equity", mark: LINE, values: last.map((day) => days.get(day)) }] }),
    );
  });
})();
