// What every chart shares: colours from the style sheet, figures as the tables show them, redrawing on theme and size.
window.AtlasCharts = (() => {
  "use strict";
  const MINUS = "\u2212";
  const LOCALES = { comma_point: "en-GB", point_comma: "de-DE", space_comma: "fr-FR" };
  const LOCALE = LOCALES[document.documentElement.dataset.numberFormat] || "en-GB";
  const drawn = new Map();

  const probe = document.createElement("span");
  probe.hidden = true;
  document.documentElement.append(probe);

  // The custom properties hold light-dark(); only a real property gives the colour of the theme in force.
  const colour = (name) => {
    probe.style.setProperty("color", `var(--${name})`);
    return window.getComputedStyle(probe).color;
  };

  const fixed = (value, decimals) =>
    (value < 0 ? MINUS : "") +
    Math.abs(value).toLocaleString(LOCALE, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

  const FORMATS = {
    amount: (value) => fixed(value, 0),
    share: (value) => `${fixed(100 * value, 1)}%`,
    rate: (value) => `${fixed(100 * value, 2)}%`,
    times: (value) => `${fixed(value, 2)}x`,
    years: (value) => fixed(value, 1),
    months: (value) => fixed(value, 0),
    count: (value) => fixed(value, 0),
  };
  const figure = (value, unit) =>
    value === null || value === undefined || Number.isNaN(value) ? "\u2013" : (FORMATS[unit] || String)(value);

  // Axes have room for three digits and a letter.
  const short = (value, unit) => {
    if (unit !== "amount" && unit !== "count") return figure(value, unit);
    const size = Math.abs(value);
    if (size >= 1e9) return `${fixed(value / 1e9, size < 1e10 ? 1 : 0)}bn`;
    if (size >= 1e6) return `${fixed(value / 1e6, size < 1e7 ? 1 : 0)}m`;
    if (size >= 1e4) return `${fixed(value / 1e3, 0)}k`;
    return fixed(value, 0);
  };

  const font = () => window.getComputedStyle(document.body).fontFamily;

  const axis = (more) => ({
    nameTextStyle: { color: colour("color-text-soft"), fontFamily: font(), fontSize: 11 },
    axisLabel: { color: colour("color-text-soft"), fontFamily: font(), fontSize: 11, hideOverlap: true },
    axisLine: { lineStyle: { color: colour("color-line-strong") } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour("color-line") } },
    ...more,
  });

  const tooltip = (more) => ({
    renderMode: "richText",
    confine: true,
    backgroundColor: colour("color-surface-raised"),
    borderColor: colour("color-line-strong"),
    borderWidth: 1,
    padding: [8, 10],
    textStyle: { color: colour("color-text"), fontFamily: font(), fontSize: 12, lineHeight: 17 },
    ...more,
  });

  const legend = (more) => ({
    type: "scroll",
    icon: "roundRect",
    itemWidth: 10,
    itemHeight: 10,
    itemGap: 14,
    textStyle: { color: colour("color-text-soft"), fontFamily: font(), fontSize: 12 },
    pageIconColor: colour("color-text-soft"),
    pageTextStyle: { color: colour("color-text-soft") },
    ...more,
  });

  const redraw = (element) => {
    const { chart, build } = drawn.get(element);
    chart.setOption({ animation: false, ...build() }, { notMerge: true });
  };

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) drawn.get(target)?.chart.resize();
  });

  // `build` returns the chart's options and is asked again whenever the theme changes.
  const draw = (element, build) => {
    if (!drawn.has(element)) {
      const chart = window.echarts.init(element, null, { renderer: "svg" });
      drawn.set(element, { chart, build });
      sizes.observe(element);
    }
    drawn.get(element).build = build;
    redraw(element);
    return drawn.get(element).chart;
  };

  document.addEventListener("atlas:theme", () => {
    for (const element of drawn.keys()) redraw(element);
  });

  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    const held = drawn.get(event.target);
    if (!held) return;
    sizes.unobserve(event.target);
    held.chart.dispose();
    drawn.delete(event.target);
  });

  const data = (id) => {
    const holder = document.getElementById(id);
    return holder ? JSON.parse(holder.textContent) : null;
  };

  const fill = (select, choices, chosen) => {
    select.replaceChildren(
      ...choices.map(([value, label]) => {
        const option = new Option(label, value);
        option.selected = value === chosen;
        return option;
      }),
    );
  };

  return { axis, colour, data, draw, figure, fill, fixed, legend, short, tooltip };
})();
