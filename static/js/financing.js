// One financing: its DSCR path, where its income goes, its balances.
(() => {
  "use strict";
  // A headline leads to its explanation, which opens.
  const openNamed = () => document.querySelector(`${window.location.hash || "#none"} > details.tree`)?.setAttribute("open", "");
  window.addEventListener("hashchange", openNamed);
  if (window.location.hash.startsWith("#why-")) openNamed();
  const { axis, colour, data, draw, figure, legend, short, tooltip } = window.AtlasCharts;
  const found = data("financing-charts");
  if (!found?.years) return;
  const place = (name) => document.querySelector(`[data-chart="${name}"]`);
  const years = found.years;
  const grid = { left: 8, right: 16, top: 40, bottom: 24, containLabel: true };
  const yearAxis = (more) =>
    axis({ type: "category", data: years, name: "Operating year", nameLocation: "middle", nameGap: 26, splitLine: { show: false }, ...more });
  const amountAxis = () => axis({ type: "value", axisLabel: { ...axis().axisLabel, formatter: (value) => short(value, "amount") } });
  const byYear = (unit) => (bars) =>
    [`Year ${bars[0].axisValue}`, ...bars.filter((bar) => bar.value !== null && bar.value !== undefined).map((bar) => `${bar.seriesName}: ${figure(bar.value, unit)}`)].join("\n");

  // Interest cover runs away as debt is repaid; the axis follows what is tested, in round steps.
  const coverRange = () => {
    const tested = [1, ...found.dscr, ...found.floors.map((floor) => floor.value)];
    const low = Math.min(...tested);
    const high = Math.max(...tested);
    const step = high - low > 5 ? 1 : high - low > 1 ? 0.5 : 0.1;
    return { min: Math.floor((low - 0.05) / step) * step, max: Math.ceil((high * 1.05) / step) * step, interval: step };
  };

  // Floors often lie a few hundredths apart: one label above its line, the next below.
  const floorLabel = (at) => ({
    position: at % 2 ? "insideStartBottom" : "insideEndTop", color: colour("color-text-soft"), fontSize: 11,
    formatter: ({ name, value }) => `${name} ${figure(value, "times")}`,
  });

  const drawCover = () => {
    const covered = years.slice(0, found.dscr.length);
    const locked = found.lock_up_years.map((year) => [{ xAxis: year - 1 - 0.5 }, { xAxis: year - 1 + 0.5 }]);
    draw(place("dscr"), () => ({
      grid,
      legend: legend({ top: 4, left: 4 }),
      tooltip: tooltip({ trigger: "axis", formatter: byYear("times") }),
      xAxis: yearAxis({ data: covered }),
      yAxis: axis({ type: "value", ...coverRange(), axisLabel: { ...axis().axisLabel, formatter: (value) => figure(value, "times") } }),
      series: [
        {
          name: "DSCR", type: "line", data: found.dscr, symbolSize: 6, showSymbol: found.dscr.length < 31, lineStyle: { width: 2.25 }, itemStyle: { color: colour("chart-senior") },
          markLine: {
            symbol: "none", silent: true,
            data: [
              ...found.floors.map(({ label, value }, at) => ({ name: label, yAxis: value, label: floorLabel(at), lineStyle: { color: colour(at ? "chart-trap" : "chart-limit"), type: at ? "dotted" : "dashed", width: 1.25 } })),
              { name: "", yAxis: 1, label: { show: false }, lineStyle: { color: colour("color-line-strong"), type: "solid" } },
            ],
          },
          markArea: { silent: true, itemStyle: { color: colour("color-warn-soft"), opacity: 0.7 }, data: locked },
        },
        { name: "Interest only", type: "line", data: found.interest_cover, symbol: "none", lineStyle: { width: 1.25, type: "dashed" }, itemStyle: { color: colour("chart-cost") } },
      ],
    }));
  };

  const isNarrow = () => place("cash").clientWidth < 560;
  const pale = new Set(["Senior interest", "Mezzanine interest"]);
  const drawCash = () =>
    draw(place("cash"), () => ({
      grid: { ...grid, top: isNarrow() ? 40 : 64 },
      legend: legend({ type: isNarrow() ? "scroll" : "plain", top: 4, left: 4, right: 8 }),
      tooltip: tooltip({ trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { opacity: 0.12 } }, formatter: byYear("amount") }),
      xAxis: yearAxis(),
      yAxis: amountAxis(),
      series: [
        ...found.cash.map(({ label, colour: name, values }) => ({
          name: label, type: "bar", stack: "cash", barCategoryGap: "22%", data: values,
          itemStyle: { color: colour(`chart-${name}`), opacity: pale.has(label) ? 0.6 : 1 },
        })),
        { name: found.income.label, type: "line", step: false, symbol: "none", data: found.income.values, lineStyle: { width: 1.5, color: colour("chart-line") }, itemStyle: { color: colour("chart-line") } },
      ],
    }));

  const drawBalances = () =>
    draw(place("balances"), () => ({
      grid,
      legend: legend({ top: 4, left: 4 }),
      tooltip: tooltip({ trigger: "axis", formatter: byYear("amount") }),
      xAxis: yearAxis(),
      yAxis: amountAxis(),
      series: found.balances.map(({ label, colour: name, values }) => ({
        name: label, type: "line", symbol: "none", data: values, lineStyle: { width: 2 }, areaStyle: { opacity: 0.08 }, itemStyle: { color: colour(`chart-${name}`) },
      })),
    }));

  if (place("dscr")) drawCover();
  if (place("cash")) drawCash();
  if (place("balances")) drawBalances();
})();
