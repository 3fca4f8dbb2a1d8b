// Lesson 11: one cloud a training. The slider goes through the epochs; the dots are here already, Python names the numbers.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Norms while three models train", f.alt);
  const W = 330, H = 290, x0 = 44, x1 = W - 8, y0 = H - 38, y1 = 10;
  const X = scale(0, 1000, x0, x1), Y = scale(0, 1000, y0, y1);
  const id = unique("epoch");
  const play = h("button", { type: "button", class: "cg-go" }, "Play");
  const slider = h("input", { type: "range", min: 0, max: f.last, step: 1, id });
  const value = h("output", { for: id });
  root.append(h("div", { class: "cg-run" }, play, h("label", { for: id }, "epoch ", value), slider));

  const clouds = f.runs.map((run) => {
    const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${run.name}: norm against number of ratings` });
    f.xticks.forEach(([v, name]) => svg.append(s("line", { x1: X(1000 * v), x2: X(1000 * v), y1: y1, y2: y0, style: "stroke:var(--cg-grid)" }), s("text", { x: X(1000 * v), y: y0 + 15, "text-anchor": "middle", class: "cg-tick" }, name)));
    f.yticks.forEach(([v, name]) => svg.append(s("line", { x1: x0, x2: x1, y1: Y(1000 * v), y2: Y(1000 * v), style: "stroke:var(--cg-grid)" }), s("text", { x: x0 - 6, y: Y(1000 * v) + 4, "text-anchor": "end", class: "cg-tick" }, name)));
    svg.append(s("text", { x: (x0 + x1) / 2, y: H - 5, "text-anchor": "middle", class: "cg-axis-title" }, "ratings (log)"),
      s("text", { x: 10, y: (y0 + y1) / 2, transform: `rotate(-90 10 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, "norm (log)"));
    const dots = s("path", { class: "cg-cloud-dots" });
    svg.append(dots);
    const rho = h("b"), list = h("table", { class: "cg-table" }, h("caption", { class: "cg-hidden" }, `${run.name} at this epoch`)), body = h("tbody");
    list.append(body);
    const node = h("div", { class: "cg-cloud-model" }, h("h4", {}, run.name), h("p", { class: "cg-cloud-rho" }, h("span", {}, "\u03c1 = ", rho)), svg, list);
    return { run, dots, rho, body, node };
  });
  root.append(h("div", { class: "cg-clouds", style: `--cg-row:${212 * f.runs.length}px` }, clouds.map((c) => c.node)), h("div", { class: "cg-foot" }, sources(f.sources)));
  const trouble = h("div", { role: "alert" });
  root.append(trouble);

  const place = (epoch) => {
    value.textContent = `${epoch} of ${f.last}`;
    slider.setAttribute("aria-valuetext", `epoch ${epoch} of ${f.last}`);
    clouds.forEach(({ run, dots }) => put(dots, { d: run.y[epoch].map((y, i) => `M${X(f.x[i]).toFixed(1)},${Y(y).toFixed(1)}h0`).join("") }));
  };
  let timer = 0;
  const still = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "Play"; };
  const go = (epoch, event) => { slider.value = epoch; place(epoch); wire.ask({ epoch }, event); };
  play.addEventListener("click", (event) => {
    if (timer) { stop(); return; }
    if (still) { go(Number(slider.value) >= f.last ? 0 : Number(slider.value) + 1, event); return; }
    play.textContent = "Pause";
    go(Number(slider.value) >= f.last ? 0 : Number(slider.value), event);
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      if (next > f.last) { stop(); return; }
      go(next);
    }, 450);
  });
  slider.addEventListener("input", (event) => { stop(); go(Number(slider.value), event); });
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled && !timer) { slider.value = scene.epoch; place(scene.epoch); }
    scene.rows.forEach((row, i) => {
      clouds[i].rho.textContent = row.rho;
      clouds[i].body.replaceChildren(...row.measures.map(([name, text]) => h("tr", {}, h("td", {}, name), h("td", { class: "cg-num" }, text))));
    });
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => { stop(); wire.stop(); };
}
export default { render };
