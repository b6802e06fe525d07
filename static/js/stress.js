// A financing's stress page: the tornado of its drivers.
(() => {
  "use strict";
  const { axis, colour, data, draw, figure, tooltip } = window.AtlasCharts;
  const found = data("stress-charts");
  const place = document.querySelector('[data-chart="tornado"]');
  if (!found?.bars || !place) return;
  const bars = [...found.bars].reverse();
  const base = found.base.dscr ?? 1;
  const ends = (at) => bars.map((bar) => (bar.dscr[at] === null ? 0 : bar.dscr[at] - base));
  const shown = (value) => figure(base + value, "times");

  draw(place, () => ({
    grid: { left: 8, right: 24, top: 8, bottom: 24, containLabel: true },
    tooltip: tooltip({
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { opacity: 0.12 } },
      formatter: (both) => [both[0].axisValue, ...both.map((bar) => `${bar.seriesName}: ${shown(bar.value)}`)].join("\n"),
    }),
    xAxis: axis({ type: "value", axisLabel: { ...axis().axisLabel, formatter: shown } }),
    yAxis: axis({ type: "category", data: bars.map((bar) => bar.label), splitLine: { show: false }, axisLabel: { ...axis().axisLabel, width: place.clientWidth < 480 ? 110 : 210, overflow: "break" } }),
    series: [
      { name: "Worse", type: "bar", data: ends(0), itemStyle: { color: colour("chart-limit") }, barCategoryGap: "30%", barGap: "-100%" },
      { name: "Better", type: "bar", barCategoryGap: "30%", barGap: "-100%", data: ends(1), itemStyle: { color: colour("chart-senior") } },
    ],
  }));
})();
