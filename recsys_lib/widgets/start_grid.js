// Lesson 7: a grid of models. A cell that is not trained yet is trained in Python when it is chosen; then it is kept.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Grid of starts", f.alt);
  const group = unique("shown");
  let shown = f.shown[0].name, cell = model.get("scene").cell, at = cell.slice(), wanted = null;

  const radios = f.shown.map((x, i) => {
    const input = h("input", { type: "radio", name: group, value: x.name, ...(i ? {} : { checked: "" }) });
    input.addEventListener("change", () => { shown = x.name; paint(); });
    return h("label", { class: "cg-ruler" }, input, x.label);
  });
  const buttons = new Map();
  const key = (place) => place.join(",");
  const name = ([g, l, s]) => `start ${f.stds[s]}, L2 ${f.l2s[l]}, gravity ${f.gravities[g]}`;
  const grids = f.gravities.map((gravity, g) => h("div", { class: "cg-starts-grid" }, h("h4", {}, `gravity ${gravity}`),
    h("table", { class: "cg-table cg-starts", role: "grid", "aria-label": `gravity ${gravity}: rows L2, columns start` },
      h("thead", {}, h("tr", { role: "row" }, h("td", { class: "cg-starts-corner" }, "L2 \u2193  start \u2192"), f.stds.map((x) => h("th", { scope: "col", role: "columnheader" }, x)))),
      h("tbody", {}, f.l2s.map((l2, l) => h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, l2), f.stds.map((_, s_) => {
        const place = [g, l, s_];
        const button = h("button", { type: "button", tabindex: -1, "data-cell": key(place) });
        button.addEventListener("click", (event) => choose(place, event));
        button.addEventListener("keydown", (event) => walk(event, place));
        buttons.set(key(place), { place, button });
        return h("td", { role: "gridcell" }, button);
      })))))));
  const bar = h("i"), said = h("span"), training = h("div", { class: "cg-starts-training" }, said, h("div", { class: "cg-bar", style: "--c:var(--cg-accent)" }, bar));
  const left = h("div", { class: "cg-starts-left" }, h("div", { class: "cg-starts-shown", role: "radiogroup", "aria-label": "What the cells show" }, radios), grids, training,
    h("p", { class: "cg-muted cg-small" }, f.trains ? "Arrow keys walk, Enter chooses. An empty cell (\u00b7) is trained when you choose it, and then kept." : "Arrow keys walk, Enter chooses."));

  const heading = h("h4"), rho = h("b"), body = h("tbody"), films = h("tbody"), trouble = h("div", { role: "alert" });
  const right = h("div", { class: "cg-starts-right" }, heading,
    h("table", { class: "cg-table" }, h("caption", { class: "cg-hidden" }, "Rare places and recall of the chosen model"),
      h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col", class: "cg-num" }, "dot product"), h("th", { scope: "col", class: "cg-num" }, "cosine"))), body),
    h("p", { style: "margin:6px 0 12px" }, "Rank correlation of norm and number of ratings: ", rho),
    h("table", { class: "cg-table cg-starts-films" }, h("caption", { class: "cg-hidden" }, "The ten films with the longest vectors"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "longest films"), h("th", { scope: "col", class: "cg-num" }, "ratings"), h("th", { scope: "col", class: "cg-num" }, "norm"))), films), trouble);
  root.append(h("div", { class: "cg-row" }, left, right), h("div", { class: "cg-foot" }, sources(f.sources), h("span", {}, f.rare)));

  let known = new Map();
  function paint() {
    for (const [id, { place, button }] of buttons) {
      const value = known.get(id);
      const [text, shade] = value ? value[shown] : ["\u00b7", 0];
      button.textContent = id === wanted ? "\u2026" : text;
      button.style.setProperty("--shade", `${Math.round(62 * shade)}%`);
      button.style.setProperty("--c", shown.startsWith("rare") ? "#D55E00" : "#009E73");
      button.disabled = !value && !f.trains;
      button.tabIndex = id === key(at) ? 0 : -1;
      button.parentNode.setAttribute("aria-selected", String(id === key(cell)));
      button.setAttribute("aria-label", `${name(place)}: ${value ? text : "not trained yet"}`);
    }
  }
  function choose(place, event) {
    at = place.slice();
    if (!known.has(key(place))) {
      if (!f.trains) return;
      wanted = key(place);
      said.textContent = `training ${name(place)}`;
    }
    paint();
    wire.ask({ cell: place }, event);
  }
  function walk(event, [g, l, s_]) {
    const L = f.l2s.length, S = f.stds.length, row = g * L + l;
    const to = { ArrowLeft: [row, s_ - 1], ArrowRight: [row, s_ + 1], ArrowUp: [row - 1, s_], ArrowDown: [row + 1, s_], Home: [row, 0], End: [row, S - 1] }[event.key];
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    const [r, c] = to;
    if (r < 0 || r >= L * f.gravities.length || c < 0 || c >= S) return;
    at = [Math.floor(r / L), r % L, c];
    paint();
    buttons.get(key(at)).button.focus();
  }
  const follow = () => {
    const share = model.get("progress");
    training.style.visibility = share < 0 ? "hidden" : "visible";
    bar.style.width = `${Math.round(100 * Math.max(0, share))}%`;
  };
  const row = (label, kind, scene) => {
    const value = known.get(key(scene.cell));
    return h("tr", {}, h("th", { scope: "row" }, label), ["dot", "cosine"].map((m) => h("td", { class: `cg-num ${scene.lead[kind] === m ? "cg-best" : ""}` }, value[`${kind}, ${m}`][0])));
  };
  const draw = (scene, { settled } = { settled: true }) => {
    cell = scene.cell;
    if (settled) { wanted = null; at = at.slice(); }
    known = new Map(scene.cells.map(([place, value]) => [key(place), value]));
    paint();
    heading.textContent = scene.heading;
    rho.textContent = scene.rho;
    body.replaceChildren(row("places of rare films", "rare", scene), row(`recall@${f.k}`, "recall", scene));
    films.replaceChildren(...scene.films.map((film) => h("tr", { class: film.rare ? "cg-starts-rare" : "" }, h("td", { class: "cg-title" }, film.title, film.rare ? h("span", { class: "cg-tag" }, "rare") : null), h("td", { class: "cg-num" }, String(film.count)), h("td", { class: "cg-num cg-muted" }, film.norm))));
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  const wire = link(model, root, draw);
  model.on("change:progress", follow);
  draw(model.get("scene"));
  follow();
  return () => { wire.stop(); model.off("change:progress", follow); };
}
export default { render };
