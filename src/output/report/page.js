"use strict";
// What the page can do beyond being read: hide pools, sort tables, tell values, turn light and dark.
(() => {
  const make = (tag, set, ...children) => {
    const element = Object.assign(document.createElement(tag), set);
    element.append(...children);
    return element;
  };

  // Light and dark.
  const root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = make("button", { type: "button", className: "theme" });
  const named = () => { theme.textContent = dark() ? "Light" : "Dark"; theme.setAttribute("aria-label", (dark() ? "Light" : "Dark") + " colours"); };
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; named(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", named);
  named();

  // Pools.
  const parts = [...document.querySelectorAll("[data-pool]")];
  const pools = [...new Set(parts.map((part) => part.dataset.pool))].sort();
  const nav = document.querySelector("nav");
  nav.append(theme);
  if (1 < pools.length) {
    const choose = make("fieldset", { className: "pools" }, make("legend", { textContent: "Pools" }));
    for (const pool of pools) {
      const box = make("input", { type: "checkbox", checked: true });
      box.addEventListener("change", () => {
        for (const part of parts) if (part.dataset.pool === pool) part.hidden = !box.checked;
      });
      choose.append(make("label", {}, box, pool));
    }
    nav.append(choose);
  }

  // Tables.
  const key = (cell) => "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
  const order = (one, other) => {
    if (typeof one === "number" && typeof other === "number") return one - other;
    if (typeof one === "number") return -1;
    if (typeof other === "number") return 1;
    return one < other ? -1 : other < one ? 1 : 0;
  };
  for (const table of document.querySelectorAll("table")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((one, other) => order(key(one.cells[column]), key(other.cells[column])));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  }

  // Values on charts: a slider for the keyboard, which a pointer over the chart moves as well.
  const number = (value) => value === null ? "–" : String(Math.round(value * 100) / 100);
  const percent = (value) => value === null ? "–" : (100 * value).toFixed(1) + " %";
  const duration = (seconds) => {
    const minutes = Math.round(Math.abs(seconds) / 60);
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
    const text = (days ? days + "d" : "") + (hours ? hours + "h" : "") + (minutes % 60 || minutes < 60 ? minutes % 60 + "m" : "");
    return (seconds <= -30 ? "-" : "") + text;
  };
  const told = (data, at) => {
    const start = data.start && Date.parse(data.start);
    const when = start ? new Date(start + at * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC" : "after " + duration(at);
    const half = (data.x[1] - data.x[0]) / (data.x[3] - data.x[2]) / 2;
    const values = data.series.map((series) => {
      let row = null;
      for (const next of series.rows) if (next[0] <= at + half) row = next; else break;
      if (!row) return "";
      if (data.unit === "share") {
        const [point, low, high] = row.slice(1).map(percent);
        return `${series.name} ${point} [${low}, ${high}]`;
      }
      return data.columns.map((name, place) => `${name} ${number(row[1 + place])}`).join(", ");
    });
    return `${when}: ${values.filter(Boolean).join("; ")}`;
  };
  for (const figure of document.querySelectorAll("figure[data-readout]")) {
    let data;
    try { data = JSON.parse(figure.dataset.readout); } catch { continue; }
    const svg = figure.querySelector("svg");
    const [from, to, left, right] = data.x;
    const scale = svg.viewBox.baseVal.width / 900;
    const cross = document.createElementNS(svg.namespaceURI, "line");
    cross.setAttribute("class", "cross");
    cross.setAttribute("y1", data.y[0] * scale);
    cross.setAttribute("y2", data.y[1] * scale);
    const name = "Read values: " + svg.getAttribute("aria-label");
    const slider = make("input", { type: "range", min: 0, max: Math.round(right - left), value: 0, step: 1, ariaLabel: name });
    const output = make("output", { textContent: "Move over the chart, or along the slider, to read values." });
    output.setAttribute("aria-live", "off");
    const show = () => {
      const share = slider.value / slider.max;
      const x = (left + share * (right - left)) * scale;
      cross.setAttribute("x1", x);
      cross.setAttribute("x2", x);
      if (!cross.parentNode) svg.append(cross);
      output.textContent = told(data, from + share * (to - from));
      slider.setAttribute("aria-valuetext", output.textContent);
    };
    slider.addEventListener("input", show);
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      slider.value = (event.clientX - box.left) / box.width * 900 - left;
      show();
    });
    figure.querySelector("figcaption").prepend(make("div", { className: "reader" }, slider, output));
  }
})();
