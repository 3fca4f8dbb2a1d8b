// Elective 1: a slider for the hidden units. Errors and luck come from Python; lines and squares follow.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Key slider", f.alt);
  const id = unique("hidden");
  const last = f.hidden.length - 1;
  const slider = h("input", { type: "range", min: 0, max: last, step: 1, id });
  const value = h("output", { for: id });
  root.append(h("div", { class: "cg-dial" }, h("label", { class: "cg-alpha", for: id }, h("span", {}, "hidden units: ", value)),
    h("span", { class: "cg-end" }, h("b", {}, String(f.hidden[0]))), slider, h("span", { class: "cg-end", style: "text-align:right" }, h("b", {}, String(f.hidden[last])))));

  // --- the lines: share of wrong bits against hidden units ---
  const W = 440, H = 330, x0 = 44, x1 = W - 12, y0 = H - 44, y1 = 12;
  const X = scale(0, Math.max(last, 1), x0 + 8, x1 - 8), Y = scale(0, Math.max(0.55, ...f.curves.flatMap((c) => c.errors.filter((e) => e !== null))), y0 - 6, y1);
  const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": f.alt });
  for (let e = 0; e <= 0.501; e += 0.1) plot.append(s("line", { x1: x0, x2: x1, y1: Y(e), y2: Y(e), style: "stroke:var(--cg-grid)" }), s("text", { x: x0 - 7, y: Y(e) + 4, "text-anchor": "end", class: "cg-tick" }, fixed(e, 1)));
  f.hidden.forEach((v, i) => plot.append(s("text", { x: X(i), y: y0 + 15, "text-anchor": "middle", class: "cg-tick" }, String(v))));
  plot.append(s("text", { x: (x0 + x1) / 2, y: H - 8, "text-anchor": "middle", class: "cg-axis-title" }, "hidden units"),
    s("text", { x: 12, y: (y0 + y1) / 2, transform: `rotate(-90 12 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, "share of wrong bits"),
    s("line", { x1: x0, x2: x1, y1: Y(0.5), y2: Y(0.5), style: "stroke:var(--cg-muted);stroke-dasharray:5 4" }),
    s("text", { x: x1, y: Y(0.5) - 5, "text-anchor": "end", class: "cg-tick" }, "whoever guesses"));
  const cursor = s("line", { y1, y2: y0, style: "stroke:var(--cg-accent);stroke-width:2" });
  plot.append(cursor);
  f.curves.forEach((c) => {
    const points = c.errors.map((e, i) => [i, e]).filter((p) => p[1] !== null);
    plot.append(s("path", { d: path(points, X, Y), style: `fill:none;stroke:${c.colour};stroke-width:2.4` }));
  });
  const dots = f.curves.map((c) => { const dot = s("circle", { r: 5, style: `fill:${c.colour};stroke:var(--cg-bg);stroke-width:1.5` }); plot.append(dot); return dot; });

  // --- a row for each reading: its bits as squares, the wrong ones crossed out in its colour ---
  const rows = f.curves.map((c) => {
    const svg = s("svg", { viewBox: "0 0 96 96", style: "width:96px;flex:none", "aria-hidden": "true" });
    const error = h("b"), wrong = h("div", { class: "cg-small" }), luck = h("div", { class: "cg-muted cg-small" });
    const box = h("div", { style: "display:flex;gap:12px;align-items:center;margin-bottom:10px", "data-reading": c.name }, svg,
      h("div", {}, h("div", {}, h("span", { style: `display:inline-block;width:12px;height:12px;border-radius:3px;background:${c.colour};margin-right:6px` }), c.name), error, wrong, luck));
    return { svg, error, wrong, luck, box };
  });
  const trouble = h("div", { role: "alert" });
  const list = h("div", { style: "flex:1 1 290px;min-width:270px" }, rows.map((r) => r.box), h("p", { class: "cg-muted cg-small" }, "Dark squares read as 1, light ones as 0; a wrong bit has the colour of its line."), trouble);
  root.append(h("div", { class: "cg-row" }, h("div", { style: "flex:1.2 1 330px;max-width:520px;min-width:290px" }, plot), list), h("div", { class: "cg-foot" }, sources(f.sources)));

  const show = (stop) => {
    value.textContent = String(f.hidden[stop]);
    slider.setAttribute("aria-valuetext", `${f.hidden[stop]} hidden units`);
    put(cursor, { x1: X(stop), x2: X(stop) });
  };
  const squares = (row, colour) => {
    const across = Math.ceil(Math.sqrt(row.bits.length)), side = 96 / across;
    return [...row.bits].map((bit, i) => s("rect", { x: (i % across) * side, y: Math.floor(i / across) * side, width: side * 0.92, height: side * 0.92,
      style: `fill:${row.missed[i] === "1" ? colour : bit === "1" ? "var(--cg-muted)" : "var(--cg-line)"}` }));
  };
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) { slider.value = scene.stop; show(scene.stop); }
    scene.rows.forEach((row, i) => {
      put(dots[i], { cx: X(scene.stop), cy: Y(row.error) });
      rows[i].svg.replaceChildren(...squares(row, f.curves[i].colour));
      rows[i].error.textContent = `error ${fixed(row.error, 3)}`;
      rows[i].wrong.textContent = row.wrong;
      rows[i].luck.textContent = `by luck: ${row.chance}`;
    });
    list.classList.toggle("cg-stale", Boolean(scene.stale));
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  slider.addEventListener("input", (event) => { const stop = Number(slider.value); show(stop); wire.ask({ stop }, event); });
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
