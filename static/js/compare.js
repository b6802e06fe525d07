// Financings side by side: their paths, and only the rows that differ if one asks.
(() => {
  "use strict";
  const { axis, colour, data, draw, figure, legend, short, tooltip } = window.AtlasCharts;
  const COLOURS = ["chart-senior", "chart-mezz", "chart-equity", "chart-trap", "chart-reserve", "chart-cost"];
  const found = data("compare-charts");

  const lines = (name, unit) => {
    const element = document.querySelector(`[data-chart="${name}"]`);
    if (!element || !found?.[name]?.length) return;
    const longest = Math.max(...found[name].map((item) => item.values.length));
    draw(element, () => ({
      grid: { left: 8, right: 16, top: 40, bottom: 24, containLabel: true },
      legend: legend({ top: 4, left: 4 }),
      tooltip: tooltip({
        trigger: "axis",
        formatter: (points) => [`Year ${points[0].axisValue}`, ...points.map((point) => `${point.seriesName}: ${figure(point.value, unit)}`)].join("\n"),
      }),
      xAxis: axis({ type: "category", data: found.years.slice(0, longest), name: "Operating year", nameLocation: "middle", nameGap: 26, splitLine: { show: false } }),
      yAxis: axis({ type: "value", scale: unit === "times", axisLabel: { ...axis().axisLabel, formatter: (value) => short(value, unit) } }),
      series: found[name].map(({ label, values }, at) => ({
        name: label, type: "line", symbol: "none", data: values, lineStyle: { width: 2, type: at % 2 ? "dashed" : "solid" }, itemStyle: { color: colour(COLOURS[at]) },
      })),
    }));
  };

  lines("dscr", "times");
  lines("equity", "amount");

  const only = document.querySelector("[data-only-differences]");
  only?.addEventListener("change", () => only.closest(".compare").classList.toggle("compare--differences", only.checked));
})();
