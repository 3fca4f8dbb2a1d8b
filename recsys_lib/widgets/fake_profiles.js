// Elective 2: fake profiles. Every training is done already; a choice asks Python which line and which figures to show.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Fake profiles", f.alt);
  let { n, size, defence } = model.get("scene");
  const COLOURS = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00"], DASHES = ["", "7 3", "2 3", "8 3 2 3", "1 4"];

  // --- what one can choose ---
  const radios = (label, name, values, words, now, pick) => {
    const group = unique(name);
    return h("fieldset", { class: "cg-fakes-choice", "data-choice": name }, h("legend", {}, label), values.map((value) => {
      const input = h("input", { type: "radio", name: group, value: String(value), ...(value === now ? { checked: "" } : {}) });
      input.addEventListener("change", (event) => { pick(value); wire.ask({ n, size, defence }, event); });
      return h("label", { class: "cg-ruler" }, input, words(value));
    }));
  };
  const choices = h("div", { class: "cg-fakes-choices" },
    radios("fake profiles", "n", f.numbers, String, n, (value) => { n = value; }),
    radios("films that each rates", "size", f.sizes, String, size, (value) => { size = value; }),
    radios("defence", "defence", f.defences, (value) => h("span", {}, h("i", { class: "cg-fakes-key", style: `--c:${COLOURS[f.defences.indexOf(value) % 5]}` }), value), defence, (value) => { defence = value; }));

  // --- the lines ---
  const W = 460, H = 260, x0 = 56, x1 = W - 12, y0 = H - 40, y1 = 12;
  const plot = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": f.alt, class: "cg-fakes-plot" });
  const X = scale(0, Math.max(1, f.numbers.length - 1), x0 + 8, x1 - 8);
  f.numbers.forEach((value, i) => plot.append(s("text", { x: X(i), y: y0 + 16, "text-anchor": "middle", class: "cg-tick" }, String(value))));
  plot.append(s("text", { x: (x0 + x1) / 2, y: H - 5, "text-anchor": "middle", class: "cg-axis-title" }, "fake profiles"),
    s("text", { x: 11, y: (y0 + y1) / 2, transform: `rotate(-90 11 ${(y0 + y1) / 2})`, "text-anchor": "middle", class: "cg-axis-title" }, "mean rank (1 is the top)"));
  const lines = s("g"), ticks = s("g"), dot = s("circle", { r: 6, class: "cg-fakes-dot" });
  plot.append(ticks, lines, dot);

  const heading = h("h4"), body = h("tbody"), trouble = h("div", { role: "alert" });
  root.append(h("p", { style: "margin:0 0 8px" }, h("b", {}, f.title)), choices,
    h("div", { class: "cg-row" }, h("div", { class: "cg-fakes-left" }, plot),
      h("div", { class: "cg-fakes-right" }, heading, h("table", { class: "cg-table" }, h("caption", { class: "cg-hidden" }, "The chosen training"), body), trouble)),
    h("div", { class: "cg-foot" }, sources(f.sources), f.notes.map((text) => h("span", {}, text))));

  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) ({ n, size, defence } = scene);
    const Y = scale(1, scene.worst, y1, y0);
    const marks = [1, scene.worst / 2, scene.worst].map((value) => Math.round(value));
    ticks.replaceChildren(...marks.flatMap((value) => [s("line", { x1: x0, x2: x1, y1: Y(value), y2: Y(value), style: "stroke:var(--cg-grid)" }),
      s("text", { x: x0 - 6, y: Y(value) + 4, "text-anchor": "end", class: "cg-tick" }, String(value))]));
    const at = (number) => X(f.numbers.indexOf(number));
    lines.replaceChildren(...f.defences.map((name, i) => s("path", { d: path(scene.lines[name], at, Y), "data-line": name,
      style: `fill:none;stroke:${COLOURS[i % 5]};stroke-width:${name === scene.defence ? 3.2 : 1.6};stroke-dasharray:${DASHES[i % 5]}` })));
    const here = scene.lines[scene.defence].find(([number]) => number === scene.n);
    dot.style.display = here ? "" : "none";
    if (here) put(dot, { cx: at(here[0]), cy: Y(here[1]) });
    heading.textContent = scene.heading;
    body.replaceChildren(...scene.rows.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "cg-num" }, value))));
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
