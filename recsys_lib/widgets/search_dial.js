// Lesson 10: what indexes find, against their effort; sliders for effort and shards. Python measures, this draws.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Search dial", f.alt);
  const id = unique("search");
  const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

  const choice = h("select", { id: `${id}-name` }, f.names.map((name) => h("option", { value: name }, name)));
  const effort = h("input", { type: "range", min: 0, step: 1, id: `${id}-effort` }), effortValue = h("output", { for: `${id}-effort` });
  const shards = h("input", { type: "range", min: 1, max: f.most, step: 1, id: `${id}-shards` }), shardsValue = h("output", { for: `${id}-shards` });
  const lost = h("input", { type: "checkbox", id: `${id}-lost` });
  const row = (control, text, value) => h("p", {}, h("label", { for: control.id }, text, " "), control, " ", value || null);
  root.append(row(choice, "index"), row(effort, "effort", effortValue), row(shards, "shards", shardsValue), row(lost, "one shard is lost"));

  const W = 560, H = 260, x0 = 44, x1 = W - 10, y0 = H - 40, y1 = 10;
  const all = Object.values(f.efforts).flat(), low = Math.log(Math.min(...all)), high = Math.max(low + 0.1, Math.log(Math.max(...all)));
  const X = scale(low, high, x0, x1), Y = scale(0, 1, y0, y1);
  const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": f.alt, style: `max-width:${W}px` });
  [0, 0.25, 0.5, 0.75, 1].forEach((v) => plot.append(s("line", { x1: x0, x2: x1, y1: Y(v), y2: Y(v), style: "stroke:var(--cg-grid)" }), s("text", { x: x0 - 6, y: Y(v) + 4, "text-anchor": "end", class: "cg-tick" }, fixed(v))));
  [1, 10, 100, 1000].filter((v) => Math.log(v) >= low - 1e-9 && Math.log(v) <= high + 1e-9).forEach((v) => plot.append(s("text", { x: X(Math.log(v)), y: y0 + 16, "text-anchor": "middle", class: "cg-tick" }, String(v))));
  plot.append(s("text", { x: (x0 + x1) / 2, y: H - 6, "text-anchor": "middle", class: "cg-axis-title" }, "effort (log scale)"), s("text", { x: 10, y: (y0 + y1) / 2, transform: `rotate(-90 10 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, `recall@${f.k}`));
  const lines = f.names.map((name, i) => s("path", { style: `fill:none;stroke:${colours[i % colours.length]};stroke-width:2${name.includes("lifted") ? ";stroke-dasharray:6 4" : ""}` }));
  const dot = s("circle", { r: 6, class: "cg-gauge-dot" });
  plot.append(...lines, dot);
  const legend = h("p", {}, f.names.map((name, i) => chip(name, colours[i % colours.length])));
  const said = h("p", {}), trouble = h("div", { role: "alert" });
  root.append(plot, legend, said, trouble, h("div", { class: "cg-foot" }, sources(f.sources)));

  let state = model.get("scene");
  const show = (now) => {
    effort.max = f.efforts[now.name].length - 1;
    choice.value = now.name; effort.value = now.step; shards.value = now.shards; lost.checked = now.lost;
    effortValue.textContent = String(f.efforts[now.name][now.step]);
    shardsValue.textContent = String(now.shards);
    effort.setAttribute("aria-valuetext", `effort ${f.efforts[now.name][now.step]}`);
  };
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) { state = scene; show(state); }
    f.names.forEach((name, i) => { if (scene.lines[name]) put(lines[i], { d: path(scene.lines[name].map((v, j) => [Math.log(f.efforts[name][j]), v]), X, Y) }); });
    put(dot, { cx: X(Math.log(scene.effort)), cy: Y(scene.recall) });
    said.textContent = scene.said;
    plot.classList.toggle("cg-stale", Boolean(scene.stale));
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  const moved = (event) => {
    const name = choice.value, last = f.efforts[name].length - 1;
    state = { name, step: Math.min(last, Number(effort.value)), shards: Number(shards.value), lost: lost.checked };
    show(state);
    wire.ask(state, event);
  };
  [effort, shards].forEach((slider) => slider.addEventListener("input", moved));
  [choice, lost].forEach((control) => control.addEventListener("change", moved));
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
