// A portfolio by sector beside what was held and the benchmark; the figures stand in a table too.
(() => {
  "use strict";
  const { axis, colour, data, draw, figure, legend, tooltip } = window.AtlasCharts;
  const found = data("portfolio-charts");
  const place = document.querySelector('[data-portfolio-chart="sectors"]');
  if (!found || !place) return;
  const TINTS = ["chart-line", "chart-senior", "chart-mezz"];
  draw(place, () => ({
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    legend: legend({ top: 4, left: 4 }),
    tooltip: tooltip({ trigger: "axis", valueFormatter: (value) => figure(value, "rate") }),
    xAxis: axis({ type: "value", axisLabel: { ...axis().axisLabel, formatter: (value) => figure(value, "share") } }),
    yAxis: axis({ type: "category", inverse: true, data: found.sectors.categories, splitLine: { show: false } }),
    series: found.sectors.series.map(({ name, values }, at) => ({
      name, type: "bar", data: values, barCategoryGap: "30%", itemStyle: { color: colour(TINTS[at]) },
    })),
  }));
})();
