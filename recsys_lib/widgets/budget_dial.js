// Lesson 12: one slider over measured settings. Python says which lines of the budget are met; this file draws.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Budget dial", f.alt);
  const id = unique("dial");
  const slider = h("input", { type: "range", min: 0, max: f.settings.length - 1, step: 1, id });
  const value = h("output", { for: id });
  root.append(h("div", { class: "cg-dial" }, h("label", { class: "cg-alpha", for: id }, h("span", {}, "power of the popularity = ", value)), slider));

  const W = 340, H = 250, x0 = 46, x1 = W - 14, y0 = H - 44, y1 = 14;
  const trouble = h("div", { role: "alert" });
  const parts = f.catalogues.map((c) => {
    const xs = c.points.map((p) => p[0]), ys = c.points.map((p) => p[1]);
    const X = scale(0, 1.05 * Math.max(...xs, c.least[0]), x0, x1);
    const low = Math.min(...ys, c.least[1]), high = Math.max(...ys, c.least[1]), room = 0.08 * (high - low || 1);
    const Y = scale(low - room, high + room, y0, y1);
    const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${f.lines[0]} against ${f.lines[1]}: ${c.name}` });
    const dot = s("circle", { r: 6, style: "fill:var(--cg-accent);stroke:var(--cg-bg);stroke-width:1.5" });
    const dash = "stroke:var(--cg-muted);stroke-dasharray:4 3";
    plot.append(s("line", { x1: x0, x2: x1, y1: y0, y2: y0, style: "stroke:var(--cg-muted)" }), s("line", { x1: x0, x2: x0, y1: y0, y2: y1, style: "stroke:var(--cg-muted)" }),
      s("line", { x1: X(c.least[0]), x2: X(c.least[0]), y1: y0, y2: y1, style: dash }), s("line", { x1: x0, x2: x1, y1: Y(c.least[1]), y2: Y(c.least[1]), style: dash }),
      s("text", { x: X(c.least[0]), y: y0 + 16, "text-anchor": "middle", class: "cg-tick" }, String(c.least[0])), s("text", { x: x0 - 6, y: Y(c.least[1]) + 4, "text-anchor": "end", class: "cg-tick" }, String(c.least[1])),
      s("text", { x: (x0 + x1) / 2, y: H - 6, "text-anchor": "middle", class: "cg-axis-title" }, f.lines[1]), s("text", { x: 12, y: (y0 + y1) / 2, transform: `rotate(-90 12 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, f.lines[0]),
      s("path", { d: path(c.points, X, Y), style: "fill:none;stroke:var(--cg-strong);stroke-width:2" }), dot);
    const cells = f.lines.map((line, i) => ({ number: h("td", { class: "cg-num" }), met: h("td", {}), row: [h("td", {}, line), h("td", { class: "cg-muted" }, c.limits[i])] }));
    const table = h("table", {}, h("tbody", {}, ...cells.map((cell) => h("tr", {}, ...cell.row, cell.number, cell.met))));
    root.append(h("div", { class: "cg-row" }, h("div", { class: "cg-grow", style: "flex:1 1 300px;max-width:420px" }, h("h4", {}, c.name), plot), h("div", { class: "cg-grow", style: "flex:1 1 260px" }, table)));
    return { dot, cells, X, Y, points: c.points };
  });
  root.append(trouble, h("div", { class: "cg-foot" }, sources(f.sources)));

  const show = (at) => { value.textContent = String(f.settings[at]); slider.setAttribute("aria-valuetext", value.textContent); };
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) { slider.value = scene.at; show(scene.at); }
    parts.forEach(({ dot, cells, X, Y, points }, c) => {
      put(dot, { cx: X(points[scene.at][0]), cy: Y(points[scene.at][1]) });
      cells.forEach(({ number, met }, i) => {
        const known = scene.rows[c].met.length > 0;
        number.textContent = scene.rows[c].values[i];
        met.textContent = known ? (scene.rows[c].met[i] ? "met" : "MISSED") : "?";
        met.style.fontWeight = known && !scene.rows[c].met[i] ? 700 : 400;
      });
    });
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  slider.addEventListener("input", (event) => { const at = Number(slider.value); show(at); wire.ask({ at }, event); });
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
