// Lesson 8: a slider for the gauge. Python regauges and ranks; two tables and their lines follow.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Gauge slider", f.alt);
  const id = unique("gauge");
  const [low, high] = f.ends;

  // --- the slider ---
  const slider = h("input", { type: "range", min: low, max: high, step: 0.05, id, list: `${id}-marks` });
  const value = h("output", { for: id });
  const marks = h("datalist", { id: `${id}-marks` }, [0, 0.5, 1].map((v) => h("option", { value: v })));
  const ends = [low, high].map((v, i) => h("span", { class: "cg-end", style: i ? "text-align:right" : "" }, h("b", {}, fixed(v, Number.isInteger(v) ? 0 : 2)), h("br"), i ? "sizes to the films" : "sizes to the users"));
  const what = h("span", { class: "cg-muted" });
  root.append(h("div", { class: "cg-dial" }, h("label", { class: "cg-alpha", for: id }, h("span", {}, "exponent p = ", value), what), ends[0], slider, marks, ends[1]));

  // --- the search ---
  const search = filmSearch(model, root, { placeholder: "another film: part of its title", chosen: () => film, choose: (chosen, event) => { film = chosen; wire.ask({ p, film }, event); } });

  // --- two panels: lines of places above, the list at the present p below ---
  const W = 440, H = 190, x0 = 34, x1 = W - 8, y0 = H - 38, y1 = 8;
  const X = scale(low, high, x0, x1), Y = scale(1, f.k + 0.6, y1 + 4, y0);
  const ticks = [];
  for (let v = Math.ceil(low * 2); v <= high * 2; v += 1) ticks.push(v / 2);
  const panel = (name, label, last) => {
    const clip = unique("clip");
    const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": label, class: "cg-gauge-plot" });
    plot.append(s("defs", {}, s("clipPath", { id: clip }, s("rect", { x: x0 - 6, y: y1 - 4, width: x1 - x0 + 12, height: y0 - y1 + 4 }))));
    ticks.forEach((v) => plot.append(s("line", { x1: X(v), x2: X(v), y1: y1 - 4, y2: y0, style: "stroke:var(--cg-grid)" }), s("text", { x: X(v), y: y0 + 15, "text-anchor": "middle", class: "cg-tick" }, fixed(v, Number.isInteger(v) ? 0 : 1))));
    [1, f.k].forEach((place) => plot.append(s("text", { x: x0 - 12, y: Y(place) + 4, "text-anchor": "end", class: "cg-tick" }, String(place))));
    plot.append(s("text", { x: (x0 + x1) / 2, y: H - 4, "text-anchor": "middle", class: "cg-axis-title" }, "exponent p"),
      s("text", { x: 9, y: (y0 + y1) / 2, transform: `rotate(-90 9 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, "place"));
    const lines = s("g", { "clip-path": `url(#${clip})` }), cursor = s("line", { y1: y1 - 4, y2: y0, class: "cg-gauge-now" }), dots = s("g");
    plot.append(lines, cursor, dots);
    const body = h("tbody"), trouble = h("div", { role: "alert" }), heading = h("h4"), said = h("p", { class: "cg-muted cg-small cg-gauge-said" });
    const head = (text, number) => h("th", { scope: "col", class: number ? "cg-num" : "" }, text);
    const table = h("table", { class: "cg-table cg-gauge-table", "data-list": name }, h("caption", { class: "cg-hidden" }, label),
      h("thead", {}, h("tr", {}, head("#", true), head("film"), f.counted ? head("ratings", true) : null, head(last, true), name === "near" ? head("at 0.5", true) : null)), body);
    return { name, plot, lines, cursor, dots, body, trouble, heading, said, table, drawn: null, paths: new Map() };
  };
  const near = panel("near", "Places of the nearest films by cosine, at every p", "cosine"), best = panel("list", `Places of the best films for ${f.who} by dot product, at every p`, "score");
  best.heading.textContent = `Best for ${f.who} by dot product`;
  const column = (part, above) => h("div", { class: "cg-gauge-column" }, above, part.heading, part.said, part.plot, part.table, part.trouble);
  root.append(h("div", { class: "cg-row" }, column(near, search.node), column(best, h("p", { class: "cg-muted cg-gauge-space" }, "The same slider, the same films: these are predictions."))),
    h("div", { class: "cg-foot" }, sources(f.sources), (f.notes || []).map((t) => h("span", {}, t))));

  const power = (letter, x) => x === 0 ? [letter] : x === 1 ? [`${letter} S`] : x === 0.5 ? [`${letter} \u221aS`] : [`${letter} S`, h("sup", {}, fixed(x, 2))];
  const words = (p) => ["films as ", ...power("V", Number(p.toFixed(2))), ", users as ", ...power("U", Number((1 - p).toFixed(2)))];
  const show = (p) => {
    value.textContent = fixed(p, 2);
    what.replaceChildren(...words(p));
    slider.setAttribute("aria-valuetext", `p ${fixed(p, 2)}`);
    [near, best].forEach((part) => put(part.cursor, { x1: X(p), x2: X(p) }));
  };
  const hot = (part, row, tr) => { // a row under the pointer shows its line
    const line = part.paths.get(row.id);
    if (line) for (const [kind, on] of [["pointerenter", true], ["pointerleave", false]]) tr.addEventListener(kind, () => line.classList.toggle("cg-hot", on));
    return tr;
  };
  const paint = (part, rows, lines, p) => {
    const key = JSON.stringify(lines.map((line) => line.id));
    if (part.drawn !== key) {
      part.drawn = key;
      part.paths = new Map(lines.map((line) => [line.id, s("path", { d: path(line.places.map((place, i) => [f.stops[i], Math.min(place, f.k + 1)]), X, Y), class: "cg-gauge-line" })]));
      part.lines.replaceChildren(...part.paths.values());
    }
    const here = new Set(rows.map((row) => row.id));
    part.paths.forEach((line, film) => { line.classList.toggle("cg-on", here.has(film)); line.classList.remove("cg-hot"); });
    rows.forEach((row) => { const line = part.paths.get(row.id); if (line) part.lines.append(line); }); // the present list on top
    part.dots.replaceChildren(...rows.map((row, i) => s("circle", { cx: X(p), cy: Y(i + 1), r: 3.6, class: "cg-gauge-dot" })));
    part.body.replaceChildren(...rows.map((row, i) => hot(part, row, h("tr", { class: part.name === "near" && row.was === null ? "cg-on" : "" }, h("td", { class: "cg-num cg-muted" }, String(i + 1)), h("td", { class: "cg-title" }, row.title),
      f.counted ? h("td", { class: "cg-num cg-muted" }, row.count) : null, h("td", { class: "cg-num" }, row.value.replace("-", "\u2212")), part.name === "near" ? h("td", { class: "cg-num cg-muted" }, row.was === null ? "new" : String(row.was)) : null))));
  };

  let { film, p } = model.get("scene");
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) { ({ film, p } = scene); slider.value = p; show(p); search.mark(); }
    near.heading.textContent = scene.heading;
    near.said.textContent = scene.kept;
    best.said.textContent = scene.same;
    paint(near, scene.near, scene.lines, scene.p);
    paint(best, scene.list, scene.list_lines, scene.p);
    [near, best].forEach((part) => { part.table.classList.toggle("cg-stale", Boolean(scene.stale)); part.plot.classList.toggle("cg-stale", Boolean(scene.stale)); });
    problems(near.trouble, scene.problems);
    root.say(scene.spoken);
  };

  slider.addEventListener("input", (event) => { p = Number(slider.value); show(p); wire.ask({ p, film }, event); });
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
