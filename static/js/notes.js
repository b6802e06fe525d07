// Charts of a run of notes: what each class is paid and what stands, stacked by year; the figures stand in a table too.
(() => {
  "use strict";
  const { axis, colour, data, draw, figure, legend, short, tooltip } = window.AtlasCharts;
  const found = data("notes-charts");
  if (!found) return;
  const TINTS = ["chart-senior", "chart-mezz", "chart-trap", "chart-hedge", "chart-reserve", "chart-bronze", "chart-gold", "chart-silver"];
  const isPaid = (chart) => chart.code === "paid";
  // Principal and interest of a class share a tint, interest the lighter; equity and the pool have their own.
  const tint = (chart, name, at) => {
    if (name === "Equity") return "chart-equity";
    if (name === "Pool") return "chart-line";
    return TINTS[(isPaid(chart) ? Math.floor(at / 2) : at) % TINTS.length];
  };
  const series = (chart) =>
    chart.series.map(({ name, values, mark }, at) => {
      const tone = colour(tint(chart, name, at));
      if (mark === "line") return { name, type: "line", data: values, symbol: "none", lineStyle: { width: 2, type: "dashed", color: tone }, itemStyle: { color: tone } };
      const opacity = isPaid(chart) && name.endsWith(", interest") ? 0.5 : 1;
      return { name, type: "bar", stack: chart.code, barCategoryGap: "22%", data: values, itemStyle: { color: tone, opacity } };
    });
  for (const [name, chart] of Object.entries(found)) {
    draw(document.querySelector(`[data-notes-chart="${name}"]`), () => ({
      grid: { left: 8, right: 16, top: 44, bottom: 24, containLabel: true },
      legend: legend({ top: 4, left: 4 }),
      tooltip: tooltip({ trigger: "axis", valueFormatter: (value) => figure(value, chart.unit) }),
      xAxis: axis({ type: "category", data: chart.categories, name: chart.category_label, nameLocation: "middle", nameGap: 26, splitLine: { show: false } }),
      yAxis: axis({ type: "value", axisLabel: { ...axis().axisLabel, formatter: (value) => short(value, chart.unit) } }),
      series: series(chart),
    }));
  }
})();
