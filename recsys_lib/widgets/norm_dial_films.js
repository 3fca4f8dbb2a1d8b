// Lesson 4: the same dial over a few hundred films. Places are fixed; the list, the marks and the curve follow alpha.
function render({ model, el }) {
  const f = model.get("static");
  const { films, ramp } = f;
  const root = stage(el, "Norm dial: films", f.alt);
  const id = unique("alpha");
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.01, id });
  const value = h("output", { for: id });
  const mean = h("b", { style: "color:var(--cg-strong);font-size:15px" });
  root.append(h("div", { class: "cg-dial" }, h("label", { class: "cg-alpha", for: id }, h("span", {}, "norm exponent \u03b1 = ", value)),
    h("span", { class: "cg-end" }, h("b", {}, "0"), h("br"), "cosine"), slider, h("span", { class: "cg-end", style: "text-align:right" }, h("b", {}, "1"), h("br"), "dot product")));

  const W = 540, H = 440, x0 = 50, x1 = W - 12, y0 = H - 44, y1 = 40;
  const X = scale(f.cosines[0], f.cosines[1], x0, x1), Y = scale(Math.log(f.norms[0]), Math.log(f.norms[1]), y0, y1);
  const YN = (n) => Y(Math.log(n));
  const clip = unique("clip");
  const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": f.alt });
  plot.append(s("defs", {}, s("clipPath", { id: clip }, s("rect", { x: x0, y: y1, width: x1 - x0, height: y0 - y1 })), s("linearGradient", { id: `${clip}-ramp` }, ramp.map((c, i) => s("stop", { offset: i / (ramp.length - 1), "stop-color": c })))));
  f.xticks.forEach((v) => plot.append(s("line", { x1: X(v), x2: X(v), y1: y1, y2: y0, style: `stroke:var(${v === 0 ? "--cg-line" : "--cg-grid"})` }), s("text", { x: X(v), y: y0 + 16, "text-anchor": "middle", class: "cg-tick" }, fixed(v, 1))));
  f.yticks.forEach((v) => plot.append(s("line", { x1: x0, x2: x1, y1: YN(v), y2: YN(v), style: "stroke:var(--cg-grid)" }), s("text", { x: x0 - 7, y: YN(v) + 4, "text-anchor": "end", class: "cg-tick" }, String(v))));
  plot.append(s("text", { x: (x0 + x1) / 2, y: H - 8, "text-anchor": "middle", class: "cg-axis-title" }, "cosine with the query"),
    s("text", { x: 13, y: (y0 + y1) / 2, transform: `rotate(-90 13 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, "norm of the film (log scale)"));
  const lx = x1 - 150;
  plot.append(s("rect", { x: lx, y: 8, width: 110, height: 9, rx: 4.5, style: `fill:url(#${clip}-ramp);stroke:var(--cg-line)` }),
    s("text", { x: lx - 6, y: 17, "text-anchor": "end", class: "cg-tick" }, `ratings: ${f.counts[0]}`), s("text", { x: lx + 116, y: 17, class: "cg-tick" }, String(f.counts[1])));
  const region = s("path", { style: "fill:var(--cg-tint)" }), curve = s("path", { style: "fill:none;stroke:var(--cg-accent);stroke-width:2" });
  plot.append(s("g", { "clip-path": `url(#${clip})` }, region, curve));
  const dots = films.map((film) => {
    const dot = s("circle", { cx: X(film.cosine).toFixed(1), cy: YN(film.norm).toFixed(1), r: 4, style: `fill:${ramp[film.shade]};stroke:var(--cg-muted);stroke-width:.5` });
    plot.append(dot);
    return dot;
  });
  const marks = s("g");
  plot.append(marks);
  const tip = h("div", { class: "cg-tip" });
  const holder = h("div", { style: "position:relative;flex:1.35 1 350px;max-width:580px;min-width:290px" }, plot, tip);
  const body = h("tbody"), trouble = h("div", { role: "alert" });
  const list = h("div", { style: "flex:1 1 290px;min-width:270px" }, h("h4", {}, f.heading),
    h("table", { class: "cg-table" }, h("caption", { class: "cg-hidden" }, "Films with the highest scores"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "cg-num" }, "#"), h("th", { scope: "col" }, "film"), h("th", { scope: "col", class: "cg-num" }, "ratings"))), body),
    h("p", { style: "margin-top:8px" }, "Mean popularity of this list: ", mean, h("span", { class: "cg-muted" }, ` (all films shown: ${f.mean})`)), trouble);
  root.append(h("div", { class: "cg-row" }, holder, list), h("div", { class: "cg-foot" }, sources(f.sources), (f.notes || []).map((t) => h("span", {}, t))));

  const point = (i) => {
    if (i === null) { tip.style.display = "none"; return; }
    const k = plot.getBoundingClientRect().width / W;
    tip.textContent = `${films[i].title}: ${films[i].count} ratings`;
    tip.style.display = "block";
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(W * k - half, Math.max(half, X(films[i].cosine) * k))}px`;
    tip.style.top = `${YN(films[i].norm) * k}px`;
  };
  plot.addEventListener("pointermove", (event) => {
    const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
    let best = null, least = 12 * 12;
    films.forEach((film, i) => { const d = (X(film.cosine) - p.x) ** 2 + (YN(film.norm) - p.y) ** 2; if (d < least) { least = d; best = i; } });
    point(best);
  });
  plot.addEventListener("pointerleave", () => point(null));

  const show = (alpha) => { value.textContent = fixed(alpha, 2); slider.setAttribute("aria-valuetext", `alpha ${fixed(alpha, 2)}`); };
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) { slider.value = scene.alpha; show(scene.alpha); }
    if (scene.curve.length) {
      put(curve, { d: path(scene.curve, X, Y) });
      const top = scene.curve[scene.curve.length - 1], bottom = scene.curve[0];
      put(region, { d: `${path(scene.curve, X, Y)}L${W},${Y(top[1])}L${W},${Y(bottom[1])}Z` });
    } else { put(curve, { d: "" }); put(region, { d: "" }); }
    marks.replaceChildren(...scene.top.map((i, place) => s("g", {}, s("circle", { cx: X(films[i].cosine), cy: YN(films[i].norm), r: 8.5, style: `fill:${ramp[films[i].shade]};stroke:var(--cg-accent);stroke-width:2.6` }),
      s("text", { x: X(films[i].cosine), y: YN(films[i].norm) + 3.6, "text-anchor": "middle", style: `font-size:10px;font-weight:700;fill:${films[i].shade >= 5 ? "#000" : "#fff"}` }, String(place + 1)))));
    body.replaceChildren(...scene.top.map((i, place) => {
      const row = h("tr", {}, h("td", { class: "cg-num cg-muted" }, String(place + 1)), h("td", { class: "cg-title" }, films[i].title), h("td", { class: "cg-num" }, String(films[i].count)));
      row.addEventListener("pointerenter", () => point(i));
      row.addEventListener("pointerleave", () => point(null));
      return row;
    }));
    mean.textContent = scene.mean;
    list.classList.toggle("cg-stale", Boolean(scene.stale));
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  slider.addEventListener("input", (event) => { const alpha = Number(slider.value); show(alpha); wire.ask({ alpha }, event); });
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
