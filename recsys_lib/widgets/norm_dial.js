// Lesson 4: one slider, three items. Python answers with scores and the order.
function render({ model, el }) {
  const f = model.get("static");
  const { names, colours, lines, crossings, spans } = f;
  const root = stage(el, "Norm dial: three items", f.alt);

  const id = unique("alpha");
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.01, id, "aria-describedby": `${id}-ends` });
  const value = h("output", { for: id });
  const ruler = h("span", { class: "cg-muted cg-small" });
  root.append(h("div", { class: "cg-dial" }, h("label", { class: "cg-alpha", for: id }, h("span", {}, "norm exponent \u03b1 = ", value), ruler),
    h("span", { class: "cg-end", id: `${id}-ends` }, h("b", {}, "0"), h("br"), "cosine"), slider, h("span", { class: "cg-end", style: "text-align:right" }, h("b", {}, "1"), h("br"), "dot product")));

  // left: the order and the scores
  const order = h("div", { style: "min-height:26px" });
  const bars = h("div", { class: "cg-bars" });
  const parts = names.map((n, i) => {
    const bar = h("i"), number = h("span", { class: "cg-num" });
    bars.append(chip(n, colours[i]), h("div", { class: "cg-bar", style: `--c:${colours[i]}` }, bar), number);
    return { bar, number };
  });
  const trouble = h("div", { role: "alert" });
  const left = h("div", { class: "cg-grow", style: "flex:1 1 230px;max-width:340px" }, h("h4", {}, "Best first"), order, h("h4", { style: "margin-top:18px" }, "Scores"), bars,
    h("div", {}, (f.dashed || []).map((t) => h("p", { class: "cg-muted cg-small", style: "margin-top:8px;border-top:1px dashed var(--cg-muted);padding-top:4px" }, t))), trouble);

  // right: log score against alpha
  const W = 560, H = 330, x0 = 46, x1 = W - 34, y0 = H - 84, y1 = 12;
  const [from, to] = f.range, X = scale(0, 1, x0, x1), Y = scale(from, to, y0, y1);
  const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": f.alt });
  const tick = (v) => s("text", { x: x0 - 7, y: Y(v) + 4, "text-anchor": "end", class: "cg-tick" }, fixed(v, f.digits));
  f.ticks.forEach((v) => plot.append(s("line", { x1: x0, x2: x1, y1: Y(v), y2: Y(v), style: "stroke:var(--cg-grid)" }), tick(v)));
  plot.append(s("text", { x: 13, y: (y0 + y1) / 2, transform: `rotate(-90 13 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, "log of the score"));
  const band = s("g");
  const blocks = spans.map((span) => {
    const a = X(span.from), b = X(span.to);
    const block = s("rect", { x: a + 0.75, width: Math.max(0, b - a - 1.5), y: y0 + 28, height: 24, rx: 5, style: "fill:var(--cg-panel);stroke:var(--cg-line)" });
    const text = s("text", { x: (a + b) / 2, y: y0 + 44.5, "text-anchor": "middle", style: "font-size:12.5px;font-weight:650" }, b - a > 26 ? span.order.map((i) => names[i]).join("") : "");
    band.append(block, text);
    return { block, text, span };
  });
  [0, 0.25, 0.5, 0.75, 1].forEach((v) => plot.append(s("line", { x1: X(v), x2: X(v), y1: y0, y2: y0 + 5, style: "stroke:var(--cg-muted)" }), s("text", { x: X(v), y: y0 + 18, "text-anchor": "middle", class: "cg-tick" }, String(v))));
  plot.append(s("line", { x1: x0, x2: x1, y1: y0, y2: y0, style: "stroke:var(--cg-muted)" }), band,
    s("text", { x: (x0 + x1) / 2, y: H - 8, "text-anchor": "middle", class: "cg-axis-title" }, "norm exponent \u03b1, and the order that reigns there"));
  const cursor = s("line", { y1: y1 - 4, y2: y0 + 5, style: "stroke:var(--cg-accent);stroke-width:2" });
  crossings.forEach((c) => plot.append(s("line", { x1: X(c.alpha), x2: X(c.alpha), y1: Y(c.log), y2: y0 + 28, style: "stroke:var(--cg-muted);stroke-dasharray:2 3" })));
  lines.forEach((line, i) => line && plot.append(s("path", { d: path(line, X, Y), style: `fill:none;stroke:${colours[i]};stroke-width:2.8;stroke-linejoin:round` }),
    s("text", { x: x1 + 8, y: Y(f.labels[i]) + 5, style: "font-size:14px;font-weight:700;fill:var(--cg-strong)" }, names[i])));
  plot.append(cursor);
  crossings.forEach((c, i) => plot.append(s("circle", { cx: X(c.alpha), cy: Y(c.log), r: 4.5, style: "fill:var(--cg-bg);stroke:var(--cg-strong);stroke-width:1.8" }),
    s("text", { x: X(c.alpha) + (c.alpha < 0.12 ? 8 : -7), y: Y(c.log) + (c.alpha < 0.12 ? 17 : -9), "text-anchor": c.alpha < 0.12 ? "start" : "end", class: "cg-halo", style: "font-size:12px" }, fixed(c.alpha, 3))));
  const dots = lines.map((line, i) => { const dot = s("circle", { r: 5, style: `fill:${colours[i]};stroke:var(--cg-bg);stroke-width:1.5` }); if (line) plot.append(dot); return dot; });
  root.append(h("div", { class: "cg-row" }, left, h("div", { class: "cg-grow", style: "flex:2 1 380px;max-width:600px" }, plot)), h("div", { class: "cg-foot" }, sources(f.sources)));

  const show = (alpha) => {
    value.textContent = fixed(alpha, 2);
    put(cursor, { x1: X(alpha), x2: X(alpha) });
    slider.setAttribute("aria-valuetext", `alpha ${fixed(alpha, 2)}`);
    blocks.forEach(({ block, text, span }) => {
      const on = alpha >= span.from && alpha <= span.to;
      block.style.fill = on ? "var(--cg-accent)" : "var(--cg-panel)";
      text.style.fill = on ? "var(--cg-on-accent)" : "var(--cg-fg)";
    });
    ruler.textContent = alpha === 0 ? "length is ignored: this is the cosine" : alpha === 1 ? "length counts in full: this is the dot product" : "";
  };
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) { slider.value = scene.alpha; show(scene.alpha); }
    order.replaceChildren(orderChips(scene.order, names, colours, scene.ties));
    parts.forEach(({ bar, number }, i) => {
      const score = scene.scores[i];
      number.textContent = score === null ? "\u2013" : fixed(score, 2);
      number.style.fontWeight = scene.order[0] === i ? 700 : 400;
      bar.style.width = `${100 * (scene.widths[i] || 0)}%`;
      if (lines[i] && scene.logs[i] !== null) put(dots[i], { cx: X(scene.alpha), cy: Y(scene.logs[i]) });
    });
    left.classList.toggle("cg-stale", Boolean(scene.stale));
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  slider.addEventListener("input", (event) => { const alpha = Number(slider.value); show(alpha); wire.ask({ alpha }, event); });
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
