// Lesson 5: a training, a few steps an answer. The view asks, Python steps, the view draws and asks again until the end.
function render({ model, el }) {
  const f = model.get("static");
  const { choices, ticks } = f;
  const root = stage(el, "Training run", f.alt);
  const COLOURS = ["var(--cg-accent)", "#d98200"];
  const NAMES = { lr: "learning rate", l2: "L2", gravity: "gravity" };

  const go = h("button", { type: "button", class: "cg-go" }, "Train");
  const again = h("button", { type: "button" }, "Start again");
  const state = h("span", { class: "cg-num" });
  const bar = h("i");
  root.append(h("div", { class: "cg-run" }, go, again, h("div", { class: "cg-bar cg-run-bar", style: "--c:var(--cg-accent)", "aria-hidden": "true" }, bar), state));
  const sliders = {};
  const controls = h("div", { class: "cg-run-sliders" });
  for (const [name, values] of Object.entries(choices)) {
    const id = unique(name);
    const input = h("input", { type: "range", min: 0, max: values.length - 1, step: 1, id, "data-setting": name });
    const value = h("output", { for: id });
    const show = () => { value.textContent = values[input.value]; input.setAttribute("aria-valuetext", `${NAMES[name]} ${values[input.value]}`); };
    input.addEventListener("input", show);
    controls.append(h("div", {}, h("label", { for: id }, NAMES[name], " ", value), input));
    sliders[name] = { input, values, show };
  }
  root.append(controls);

  // left: the loss by step, on a log scale
  const W = 540, H = 330, x0 = 44, x1 = W - 14, y0 = H - 42, y1 = 30;
  const X = scale(0, f.steps, x0, x1), Y = scale(Math.log(f.range[0]), Math.log(f.range[1]), y0, y1);
  const YL = (v) => Y(Math.log(Math.min(f.range[1], Math.max(f.range[0], v))));
  const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": f.alt });
  ticks.forEach((v) => plot.append(s("line", { x1: x0, x2: x1, y1: YL(v), y2: YL(v), style: "stroke:var(--cg-grid)" }), s("text", { x: x0 - 7, y: YL(v) + 4, "text-anchor": "end", class: "cg-tick" }, String(v))));
  [0, 0.25, 0.5, 0.75, 1].forEach((v) => { const n = Math.round(v * f.steps); plot.append(s("line", { x1: X(n), x2: X(n), y1: y0, y2: y0 + 5, style: "stroke:var(--cg-muted)" }), s("text", { x: X(n), y: y0 + 18, "text-anchor": "middle", class: "cg-tick" }, String(n))); });
  plot.append(s("line", { x1: x0, x2: x1, y1: y0, y2: y0, style: "stroke:var(--cg-muted)" }), s("text", { x: (x0 + x1) / 2, y: H - 6, "text-anchor": "middle", class: "cg-axis-title" }, "step"),
    s("text", { x: x0 - 34, y: 16, class: "cg-axis-title" }, "mean squared error (log scale)"));
  const line = (style) => { const p = s("path", { style: `fill:none;stroke-linejoin:round;${style}` }); plot.append(p); return p; };
  const old = [line(`stroke:${COLOURS[0]};stroke-width:1.4;opacity:.45`), line(`stroke:${COLOURS[1]};stroke-width:1.4;opacity:.45;stroke-dasharray:5 3`)];
  const now = [line(`stroke:${COLOURS[0]};stroke-width:2.6`), line(`stroke:${COLOURS[1]};stroke-width:2.6;stroke-dasharray:6 3`)];
  const low = s("circle", { r: 4.5, style: `fill:var(--cg-bg);stroke:${COLOURS[1]};stroke-width:2` });
  const lowText = s("text", { class: "cg-halo", "text-anchor": "middle", style: "font-size:11.5px" });
  const ends = COLOURS.map(() => s("text", { class: "cg-halo", "text-anchor": "end", style: "font-size:12px;font-weight:650" }));
  plot.append(low, lowText, ...ends);
  const key = h("p", { class: "cg-small cg-run-key" }, h("i", { style: `border-top:3px solid ${COLOURS[0]}` }), "training ratings", f.both ? [h("i", { style: `border-top:3px dashed ${COLOURS[1]}` }), "ratings held out"] : [], h("span", { class: "cg-muted" }));
  const before = key.lastChild;

  // right: how long the film vectors are
  const HW = 400, HH = 330, hx0 = 12, hx1 = HW - 12, bands = [[30, 140], [176, 286]];
  const NX = scale(f.norms[0], f.norms[1], hx0, hx1);
  const hist = s("svg", { viewBox: `0 0 ${HW} ${HH}`, role: "img", "aria-label": "Histogram of the norms of the film vectors" });
  const groups = bands.map(([top, bottom], g) => {
    const bars = s("g"), middle = s("line", { y1: top - 4, y2: bottom, style: "stroke:var(--cg-strong);stroke-width:1.6;stroke-dasharray:3 3" });
    const note = s("text", { x: hx1, y: top - 10, "text-anchor": "end", style: "font-size:12px" });
    hist.append(s("text", { x: hx0, y: top - 10, class: "cg-axis-title" }, `norms of ${f.groups[g]}`), bars, s("line", { x1: hx0, x2: hx1, y1: bottom, y2: bottom, style: "stroke:var(--cg-muted)" }), middle, note);
    return { bars, middle, note, top, bottom };
  });
  for (let v = Math.ceil(f.norms[0]); v <= f.norms[1]; v += 1) hist.append(s("text", { x: NX(v), y: 302, "text-anchor": "middle", class: "cg-tick" }, v === f.norms[1] ? `${v}+` : String(v)));
  hist.append(s("text", { x: (hx0 + hx1) / 2, y: HH - 6, "text-anchor": "middle", class: "cg-axis-title" }, "norm of a film's vector (dashed: median)"));

  const trouble = h("div", { role: "alert" });
  root.append(h("div", { class: "cg-row" }, h("div", { style: "flex:1.3 1 340px;max-width:560px;min-width:0" }, plot, key), h("div", { style: "flex:1 1 260px;max-width:410px;min-width:0" }, hist)), trouble,
    h("div", { class: "cg-foot" }, sources(f.sources), h("span", {}, f.size)));

  const settings = () => Object.fromEntries(Object.entries(sliders).map(([name, { input, values }]) => [name, values[input.value]]));
  const said = (chosen) => Object.entries(chosen).map(([name, v]) => `${NAMES[name]} ${v}`).join(", ");
  let playing = false;
  const label = (scene) => { go.textContent = playing ? "Pause" : scene.ended ? "Train again" : scene.step ? "Go on" : "Train"; };

  const draw = (scene, { settled } = { settled: true }) => {
    const both = [scene.train, scene.held];
    both.forEach((curve, i) => {
      put(now[i], { d: path(curve, X, YL) });
      const last = curve[curve.length - 1];
      ends[i].textContent = last && last[0] > 0 ? (last[1] >= 1e4 ? "" : last[1].toPrecision(3)) : "";
      if (last) put(ends[i], { x: Math.min(x1, Math.max(x0 + 44, X(last[0]) + 4)), y: Math.max(y1 + 4, YL(last[1]) + (i ? -8 : 17)) });
    });
    const past = scene.before && scene.before.train ? [scene.before.train, scene.before.held] : [[], []];
    past.forEach((curve, i) => put(old[i], { d: path(curve, X, YL) }));
    before.textContent = scene.before && scene.before.train ? `thin: the run before (${said(scene.before.settings)})` : "";
    const turned = scene.lowest && scene.lowest[0] > 0 && !scene.problems.length && scene.held[scene.held.length - 1][1] > 1.02 * scene.lowest[1];
    low.style.display = lowText.style.display = turned ? "" : "none";
    if (turned) {
      put(low, { cx: X(scene.lowest[0]), cy: YL(scene.lowest[1]) });
      put(lowText, { x: X(scene.lowest[0]), y: YL(scene.lowest[1]) - 12 });
      lowText.textContent = `lowest: ${scene.lowest[1].toPrecision(3)}`;
    }
    const most = Math.max(1, ...scene.bars.flat());
    groups.forEach(({ bars, middle, note, top, bottom }, g) => {
      const n = scene.bars[g].length, wide = (hx1 - hx0) / n;
      bars.replaceChildren(...scene.bars[g].map((count, i) => s("rect", { x: (hx0 + i * wide + 0.6).toFixed(1), width: (wide - 1.2).toFixed(1), y: (bottom - (count / most) * (bottom - top)).toFixed(1), height: ((count / most) * (bottom - top)).toFixed(1), style: `fill:${g ? "var(--cg-muted)" : "#009e73"}` })));
      const at = scene.middles[g];
      if (at === null) return;
      const x = Math.min(hx1, NX(at));
      put(middle, { x1: x, x2: x });
      note.textContent = `median ${at.toPrecision(3)}`;
    });
    bar.style.width = `${(100 * scene.step) / f.steps}%`;
    const last = scene.train[scene.train.length - 1];
    state.textContent = `step ${scene.step} of ${f.steps}, error ${last && last[1] < 1e4 ? last[1].toPrecision(3) : "out of sight"}`;
    problems(trouble, scene.problems);
    if (scene.ended || scene.problems.length) playing = false;
    if (settled && !playing) for (const [name, { input, values, show }] of Object.entries(sliders)) if (document.activeElement !== input && !root.cgTouched) { input.value = values.indexOf(scene.settings[name]); show(); }
    label(scene);
    root.say(scene.spoken);
    if (playing && settled) wire.ask({ do: "train", ...settings() });
  };
  const wire = link(model, root, draw);
  go.addEventListener("click", (event) => {
    const scene = model.get("scene");
    playing = !playing;
    label(scene);
    if (playing) wire.ask({ do: scene.ended ? "restart" : "train", ...settings() }, event);
  });
  again.addEventListener("click", (event) => {
    playing = false;
    wire.ask({ do: "restart", ...settings() }, event);
  });
  Object.values(sliders).forEach(({ input }) => input.addEventListener("input", () => { root.cgTouched = true; }));
  draw(model.get("scene"));
  return () => { playing = false; wire.stop(); };
}
export default { render };
