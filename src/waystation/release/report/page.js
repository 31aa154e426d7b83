// Draws each chart anew, as wide as its place and in the reader's colours. Without JavaScript the
// pictures that are already in the page stay.
(() => {
  const given = JSON.parse(document.getElementById("given").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const coloured = (spec) => {
    let text = JSON.stringify(spec);
    if (dark.matches) {
      text = text.replace(/#[0-9a-f]{6}/g, (colour) => given.dark[colour] ?? colour);
    }
    return JSON.parse(text);
  };
  const recolour = () => {
    for (const shape of document.querySelectorAll("[data-fill]")) {
      const light = shape.dataset.fill;
      shape.setAttribute("fill", dark.matches ? (given.dark[light] ?? light) : light);
    }
  };
  const draw = () => {
    recolour();
    for (const place of document.querySelectorAll("[data-chart]")) {
      const spec = coloured(given.specs[place.dataset.chart]);
      if (spec.usermeta?.aspect) {
        spec.height = Math.round(Math.min(spec.height, place.clientWidth * spec.usermeta.aspect));
      }
      const axis = spec.config.axis;
      axis.labelLimit = Math.min(axis.labelLimit, Math.round(place.clientWidth * 0.42));
      spec.width = "container";
      vegaEmbed(place, spec, {
        renderer: "svg",
        actions: false,
        formatLocale: given.numbers,
        timeFormatLocale: given.times,
        tooltip: { theme: dark.matches ? "dark" : "light" },
      }).catch(() => {});
    }
  };
  draw();
  dark.addEventListener("change", draw);
})();
