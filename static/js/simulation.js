// A simulation: the fan of DSCR, the spread of its lowest year, default by year, convergence.
(() => {
  "use strict";
  const { axis, colour, data, draw, figure, legend, tooltip } = window.AtlasCharts;
  const found = data("simulation-charts");
  if (!found?.years) return;
  const place = (name) => document.querySelector(`[data-chart="${name}"]`);
  const grid = { left: 8, right: 16, top: 40, bottom: 24, containLabel: true };
  const yearAxis = () => axis({ type: "category", data: found.years, name: "Operating year", nameLocation: "middle", nameGap: 26, splitLine: { show: false } });
  const timesAxis = () => axis({ type: "value", scale: true, axisLabel: { ...axis().axisLabel, formatter: (value) => figure(value, "times") } });
  const line = (name, values, tint, more) => ({ name, type: "line", data: values, symbol: "none", lineStyle: { width: 2, color: colour(tint) }, itemStyle: { color: colour(tint) }, ...more });

  // A band is an invisible line at its foot and the difference stacked on it.
  const band = (name, low, high, opacity) => [
    { name: `${name} foot`, type: "line", stack: name, data: low, symbol: "none", lineStyle: { opacity: 0 }, silent: true },
    { name, type: "line", stack: name, data: high.map((value, at) => (value === null || low[at] === null ? null : value - low[at])), symbol: "none", lineStyle: { opacity: 0 }, itemStyle: { color: colour("chart-senior") }, areaStyle: { color: colour("chart-senior"), opacity }, silent: true },
  ];

  const fanTip = (points) => {
    const at = points[0].dataIndex;
    const names = Object.keys(found.fan).sort((a, b) => Number(b) - Number(a));
    return [`Year ${found.years[at]}`, ...names.map((name) => `${name}%: ${figure(found.fan[name][at], "times")}`), `Base: ${figure(found.base[at], "times")}`].join("\n");
  };
  draw(place("fan"), () => ({
    grid,
    legend: legend({ top: 4, left: 4, data: ["5% to 95%", "25% to 75%", "Median", "Base case"] }),
    tooltip: tooltip({ trigger: "axis", formatter: fanTip }),
    xAxis: yearAxis(),
    yAxis: timesAxis(),
    series: [
      ...band("5% to 95%", found.fan[5], found.fan[95], 0.16),
      ...band("25% to 75%", found.fan[25], found.fan[75], 0.28),
      line("Median", found.fan[50], "chart-senior", { markLine: { symbol: "none", silent: true, data: [{ yAxis: 1 }], label: { show: false }, lineStyle: { color: colour("chart-limit"), type: "dashed" } } }),
      line("Base case", found.base, "chart-line", { lineStyle: { width: 1.25, type: "dotted", color: colour("chart-line") } }),
    ],
  }));

  const middles = found.counts.map((_, at) => (found.edges[at] + found.edges[at + 1]) / 2);
  draw(place("spread"), () => ({
    grid: { ...grid, top: 16 },
    tooltip: tooltip({ trigger: "axis", formatter: ([bar]) => `${figure(found.edges[bar.dataIndex], "times")} to ${figure(found.edges[bar.dataIndex + 1], "times")}\n${figure(bar.value, "count")} paths` }),
    xAxis: axis({ type: "category", data: middles.map((value) => figure(value, "times")), splitLine: { show: false } }),
    yAxis: axis({ type: "value" }),
    series: [{ type: "bar", barCategoryGap: "4%", data: found.counts.map((value, at) => ({ value, itemStyle: { color: colour(middles[at] < 1 ? "chart-limit" : "chart-senior") } })) }],
  }));

  const tints = ["chart-senior", "chart-mezz"];
  draw(place("default"), () => ({
    grid,
    legend: legend({ top: 4, left: 4 }),
    tooltip: tooltip({ trigger: "axis", formatter: (points) => [`Year ${points[0].axisValue}`, ...points.map((point) => `${point.seriesName}: ${figure(point.value, "rate")}`)].join("\n") }),
    xAxis: yearAxis(),
    yAxis: axis({ type: "value", axisLabel: { ...axis().axisLabel, formatter: (value) => figure(value, "share") } }),
    series: found.tranches.map(({ label, values }, at) => line(label, values, tints[at])),
  }));

  const error = (sign) => found.convergence.map(([paths, mean, spread]) => [paths, mean + sign * 2 * spread]);
  draw(place("convergence"), () => ({
    grid,
    legend: legend({ top: 4, left: 4, data: ["Mean", "± 2 standard errors"] }),
    tooltip: tooltip({ trigger: "axis", formatter: ([point]) => `${figure(point.value[0], "count")} paths\n${point.value[1].toFixed(4)}x` }),
    xAxis: axis({ type: "value", name: "Paths", nameLocation: "middle", nameGap: 26 }),
    yAxis: axis({ type: "value", scale: true, axisLabel: { ...axis().axisLabel, formatter: (value) => `${value.toFixed(3)}x` } }),
    series: [
      line("Mean", found.convergence.map(([paths, mean]) => [paths, mean]), "chart-senior"),
      line("± 2 standard errors", error(1), "chart-cost", { lineStyle: { width: 1, type: "dashed", color: colour("chart-cost") } }),
      line("± 2 standard errors", error(-1), "chart-cost", { lineStyle: { width: 1, type: "dashed", color: colour("chart-cost") } }),
    ],
  }));
})();
