// Lesson 6: one cloud per model, the same films in each. A box in one cloud marks its films in all of them.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Norm and popularity, model by model", f.alt);
  const W = 330, H = 290, x0 = 48, x1 = W - 8, y0 = H - 38, y1 = 8;
  const X = scale(0, 1, x0, x1), Y = scale(0, 1, y0, y1);
  const dots = (films, y) => films.filter((i) => y[i] !== null).map((i) => `M${X(f.x[i]).toFixed(1)},${Y(y[i]).toFixed(1)}h0`).join("");
  const all = f.x.map((_, i) => i);
  let box = null, active = 0; // the box as it is drawn, and the cloud it is in

  const clouds = f.models.map((spec, m) => {
    const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, ...OURS, tabindex: 0, role: "application", class: "cg-cloud", "data-model": m,
      "aria-label": `${spec.name}: ${f.titles.length} films by number of ratings and norm, rank correlation ${spec.rho}. Arrow keys move a box, with Shift they change its size.` });
    const grid = s("g", { "aria-hidden": "true" });
    f.xticks.forEach(([v, name]) => grid.append(s("line", { x1: X(v), x2: X(v), y1: y1, y2: y0, style: "stroke:var(--cg-grid)" }), s("text", { x: X(v), y: y0 + 15, "text-anchor": "middle", class: "cg-tick" }, name)));
    spec.ticks.forEach(([v, name]) => grid.append(s("line", { x1: x0, x2: x1, y1: Y(v), y2: Y(v), style: "stroke:var(--cg-grid)" }), s("text", { x: x0 - 6, y: Y(v) + 4, "text-anchor": "end", class: "cg-tick" }, name)));
    grid.append(s("text", { x: (x0 + x1) / 2, y: H - 5, "text-anchor": "middle", class: "cg-axis-title" }, "ratings (log)"),
      s("text", { x: 10, y: (y0 + y1) / 2, transform: `rotate(-90 10 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, "norm (log)"));
    const reach = s("rect", { x: x0, y: y1, width: x1 - x0, height: y0 - y1, style: "fill:transparent" });
    const cloud = s("path", { class: "cg-cloud-dots", d: dots(all, spec.y) });
    const marks = s("path", { class: "cg-cloud-marks" }), spot = s("circle", { r: 7, class: "cg-cloud-spot", style: "display:none" });
    const brush = s("rect", { class: "cg-cloud-brush", rx: 2 });
    svg.append(grid, reach, cloud, marks, brush, spot);
    const inside = h("span", { class: "cg-muted", "data-inside": m, title: "rank correlation among the marked films" });
    const ends = ["longest", "shortest"].map((end) => {
      const button = h("button", { type: "button", "data-end": end }, `${end} ${f.share}`);
      button.addEventListener("click", (event) => wire.ask({ model: m, end, final: true }, event));
      return button;
    });
    const tip = h("div", { class: "cg-tip" });
    const node = h("div", { class: "cg-cloud-model" }, h("h4", {}, spec.name),
      h("p", { class: "cg-cloud-rho" }, h("span", {}, "\u03c1 = ", h("b", {}, spec.rho)), inside), h("div", { style: "position:relative" }, svg, tip),
      h("div", { class: "cg-cloud-ends" }, ends), h("p", { class: "cg-muted cg-small" }, spec.note));

    // --- the box: by pointer, by keyboard ---
    const at = (event) => {
      const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return [(p.x - x0) / (x1 - x0), (y0 - p.y) / (y0 - y1), p];
    };
    const nearest = (p, within) => { // the film under the pointer, for its title: this cannot wait for Python
      let best = null, least = within ** 2;
      all.forEach((i) => { if (spec.y[i] === null) return; const d = (X(f.x[i]) - p.x) ** 2 + (Y(spec.y[i]) - p.y) ** 2; if (d < least) { least = d; best = i; } });
      return best;
    };
    let from = null;
    const ask = (event, final) => wire.ask({ model: m, box, final }, event);
    svg.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const [u, v, p] = at(event);
      from = { u, v, p, moved: false };
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      const [u, v, p] = at(event);
      if (!from) { hint(nearest(p, 9)); return; }
      if (!from.moved && Math.hypot(p.x - from.p.x, p.y - from.p.y) < 4) return;
      from.moved = true;
      hint(null);
      active = m;
      box = [from.u, u, from.v, v].map((x) => Math.min(1, Math.max(0, x)));
      outline();
      ask(event, false);
    });
    const end = (event) => {
      if (!from) return;
      if (from.moved) ask(event, true);
      else wire.ask({ model: m, at: [from.u, from.v], final: true }, event);
      from = null;
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
    svg.addEventListener("pointerleave", () => { if (!from) hint(null); });
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      let [left, right, low, high] = box && active === m ? [Math.min(box[0], box[1]), Math.max(box[0], box[1]), Math.min(box[2], box[3]), Math.max(box[2], box[3])] : [0.7, 1, 0.7, 1];
      const [dx, dy] = step.map((x) => 0.05 * x);
      if (event.shiftKey) { right = Math.max(left + 0.05, right + dx); high = Math.max(low + 0.05, high + dy); }
      else {
        const sx = Math.min(1 - right, Math.max(-left, dx)), sy = Math.min(1 - high, Math.max(-low, dy));
        [left, right, low, high] = [left + sx, right + sx, low + sy, high + sy];
      }
      active = m;
      box = [left, Math.min(1, right), low, Math.min(1, high)];
      outline();
      ask(event, true);
    });
    const hint = (i) => {
      if (i === null || spec.y[i] === null) { tip.style.display = "none"; put(spot, { style: "display:none" }); return; }
      const k = svg.getBoundingClientRect().width / W;
      tip.textContent = `${f.titles[i]}: ${f.counts[i]} rating${f.counts[i] === 1 ? "" : "s"}`;
      tip.style.display = "block";
      const half = tip.offsetWidth / 2;
      tip.style.left = `${Math.min(W * k - half, Math.max(half, X(f.x[i]) * k))}px`;
      tip.style.top = `${Y(spec.y[i]) * k}px`;
      put(spot, { cx: X(f.x[i]), cy: Y(spec.y[i]), style: "" });
    };
    return { node, spec, marks, brush, spot, inside, hint };
  });

  const body = h("tbody"), what = h("h4"), mean = h("b", { style: "color:var(--cg-strong)" }), overall = h("span"), more = h("p", { class: "cg-muted cg-small" }), trouble = h("div", { role: "alert" });
  const list = h("div", { class: "cg-cloud-found" }, what,
    h("p", {}, "Ratings on average: ", mean, h("span", { class: "cg-muted" }, " (all films: ", overall, ")")),
    h("table", { class: "cg-table" }, h("caption", { class: "cg-hidden" }, "Marked films and the place of each by norm, model by model; 1 is the longest"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col", rowspan: 2 }, "film"), h("th", { scope: "col", rowspan: 2, class: "cg-num" }, "ratings"), h("th", { scope: "colgroup", colspan: f.models.length, class: "cg-cloud-head" }, "place by norm, 1 is the longest")),
        h("tr", {}, f.models.map((spec) => h("th", { scope: "col", class: "cg-num cg-cloud-place" }, spec.name)))), body), more, trouble);
  root.append(h("p", { class: "cg-muted cg-small", style: "margin-bottom:8px" }, "Draw a box in a cloud, or press Tab to reach it and move a box with the arrow keys (Shift: its size). Its films light up in every cloud."),
    h("div", { class: "cg-clouds", style: `--cg-row:${212 * f.models.length}px` }, clouds.map((c) => c.node)), list, h("div", { class: "cg-foot" }, sources(f.sources)));

  const outline = () => clouds.forEach((c, m) => {
    if (!box || m !== active) { put(c.brush, { style: "display:none" }); return; }
    const [a, b, low, high] = box;
    put(c.brush, { style: "", x: Math.min(X(a), X(b)), width: Math.abs(X(a) - X(b)), y: Math.min(Y(low), Y(high)), height: Math.abs(Y(low) - Y(high)) });
  });
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) { box = scene.box; active = scene.model; outline(); }
    clouds.forEach((c, m) => {
      put(c.marks, { d: dots(scene.chosen, c.spec.y) });
      c.inside.textContent = scene.rhos[m] === "\u2013" ? "" : `marked: ${scene.rhos[m]}`;
      c.hint(null);
    });
    what.textContent = scene.what;
    mean.textContent = scene.mean;
    overall.textContent = scene.all;
    body.replaceChildren(...scene.rows.map(({ film, places }) => {
      const row = h("tr", {}, h("td", { class: "cg-title" }, f.titles[film]), h("td", { class: "cg-num" }, String(f.counts[film])), places.map((p) => h("td", { class: "cg-num" }, String(p))));
      row.addEventListener("pointerenter", () => clouds.forEach((c) => c.hint(film)));
      row.addEventListener("pointerleave", () => clouds.forEach((c) => c.hint(null)));
      return row;
    }));
    more.textContent = scene.more ? `and ${scene.more} more` : "";
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
