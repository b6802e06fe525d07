// Charts of CLO pages: columns and lines over categories, the figures of which stand in a table too.
(() => {
  "use strict";
  const { axis, colour, data, draw, figure, legend, tooltip } = window.AtlasCharts;
  const found = data("clo-charts");
  if (!found) return;
  const tints = { column: "chart-senior", line: "chart-limit" };
  const series = (chart) =>
    chart.series.map(({ name, values, mark }) => ({
      name,
      type: mark === "line" ? "line" : "bar",
      data: values,
      symbol: "none",
      barCategoryGap: "8%",
      itemStyle: { color: colour(tints[mark]) },
      lineStyle: { width: 2, color: colour(tints[mark]) },
    }));
  for (const [name, chart] of Object.entries(found)) {
    draw(document.querySelector(`[data-clo-chart="${name}"]`), () => ({
      grid: { left: 8, right: 16, top: 40, bottom: 24, containLabel: true },
      legend: legend({ top: 4, left: 4 }),
      tooltip: tooltip({ trigger: "axis", valueFormatter: (value) => figure(value, chart.unit) }),
      xAxis: axis({ type: "category", data: chart.categories, name: chart.category_label, nameLocation: "middle", nameGap: 26, splitLine: { show: false } }),
      yAxis: axis({ type: "value", axisLabel: { ...axis().axisLabel, formatter: (value) => figure(value, chart.unit) } }),
      series: series(chart),
    }));
  }
})();
