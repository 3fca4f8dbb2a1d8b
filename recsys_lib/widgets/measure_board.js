// Lesson 9: recommenders as bars under one way of measuring or another. Python measures, ranks and makes the intervals.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Recommenders, measured in several ways", f.alt);
  const id = unique("board");
  const colour = Object.fromEntries(f.names.map((name, i) => [name, f.colours[i]]));

  // --- four choices ---
  const choose = (label, key, options) => {
    const box = h("select", { id: `${id}-${key}` }, options.map((text, i) => h("option", { value: String(i) }, text)));
    controls.append(h("label", { for: `${id}-${key}` }, label), box);
    box.addEventListener("change", (event) => ask(event));
    return box;
  };
  const controls = h("div", { class: "cg-choices" });
  const split = choose("split", "split", f.splits);
  const liked = choose("counts as found", "liked", ["every hidden film", "only liked ones"]);
  const sampled = choose("ranked among", "sampled", ["all films", "100 drawn films"]);
  const slider = h("input", { type: "range", min: 1, max: f.most, step: 1, id: `${id}-k` });
  const value = h("output", { for: `${id}-k` });
  controls.append(h("label", { for: `${id}-k` }, "first k places, k = ", value), slider);
  root.append(controls);

  // --- the bars ---
  const W = 720, row = 38, x0 = 128, x1 = W - 60, y0 = 14, H = y0 + row * f.names.length + 34;
  const X = scale(0, 1, x0, x1);
  const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": f.alt });
  const bottom = y0 + row * f.names.length;
  [0, 0.2, 0.4, 0.6, 0.8, 1].forEach((v) => plot.append(
    s("line", { x1: X(v), x2: X(v), y1: y0, y2: bottom, style: "stroke:var(--cg-grid)" }),
    s("text", { x: X(v), y: bottom + 15, "text-anchor": "middle", class: "cg-tick" }, fixed(v, 1))));
  const axis = s("text", { x: (x0 + x1) / 2, y: H - 3, "text-anchor": "middle", class: "cg-axis-title" });
  const best = s("line", { y1: y0, y2: bottom, style: "stroke:var(--cg-muted);stroke-dasharray:4 3" });
  const bars = Object.fromEntries(f.names.map((name) => {
    const bar = s("rect", { x: x0, y: 6, height: row - 12, rx: 4, style: `fill:${colour[name]};fill-opacity:0.8` });
    const text = s("text", { x: x0 - 8, y: row / 2 + 5, "text-anchor": "end", style: "font-size:14px;fill:var(--cg-strong)" }, name);
    const number = s("text", { x: x1 + 8, y: row / 2 + 5, style: "font-size:13px;fill:var(--cg-fg)" });
    const whisker = s("line", { y1: row / 2, y2: row / 2, style: "stroke:var(--cg-strong);stroke-width:3" });
    const group = s("g", { class: "cg-board-row", style: "transition:transform .35s" }, bar, text, number, whisker);
    return [name, { bar, number, whisker, group }];
  }));
  plot.append(axis, best, ...f.names.map((name) => bars[name].group));
  const judged = h("p", { class: "cg-muted cg-small" }), trouble = h("div", { role: "alert" });
  root.append(plot, judged, trouble, h("div", { class: "cg-foot" }, sources(f.sources)));

  const ask = (event) => wire.ask({ split: f.splits[Number(split.value)], liked: liked.value === "1", sampled: sampled.value === "1", k: Number(slider.value) }, event);
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) {
      split.value = String(f.splits.indexOf(scene.split));
      liked.value = scene.liked ? "1" : "0";
      sampled.value = scene.sampled ? "1" : "0";
      slider.value = scene.k;
      value.textContent = String(scene.k);
    }
    axis.textContent = `nDCG@${scene.k}; black: 95 % interval of the difference to the first`;
    (scene.rows || []).forEach(({ name, mean, low, high, told }, place) => {
      const { bar, number, whisker, group } = bars[name];
      group.style.transform = `translateY(${y0 + row * place}px)`;
      put(bar, { width: Math.max(0, X(mean) - x0) });
      number.textContent = fixed(mean, 3);
      whisker.style.display = low === null ? "none" : "";
      if (low !== null) put(whisker, { x1: X(low), x2: X(high) });
      number.style.fontWeight = place === 0 || !told ? 700 : 400; // bold: first, or not told from the first
      if (place === 0) put(best, { x1: X(mean), x2: X(mean) });
    });
    judged.textContent = `${scene.judged || ""}; bold: first, or not told from the first`;
    plot.classList.toggle("cg-stale", Boolean(scene.stale));
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  slider.addEventListener("input", (event) => { value.textContent = slider.value; ask(event); });
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
