// Lesson 2: all films on a flat map. Python measures and shades; hovering, colouring, zooming and searching ask nobody.

// Id of the point nearest to (x, y) within reach, ties to the lower id, or -1. Python's twin: nearest_point.
function nearestPoint(xs, ys, x, y, reach) {
  let best = -1, least = reach * reach;
  for (let i = 0; i < xs.length; i++) {
    const dx = xs[i] - x, dy = ys[i] - y, square = dx * dx + dy * dy;
    if (square < least || (square === least && best < 0)) { least = square; best = i; }
  }
  return best;
}

const rgb = (text) => text.startsWith("#") ? [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)) : text.match(/[\d.]+/g).slice(0, 3).map(Number);

// One dot as a list of pixels: where (relative to its middle), its colour times its opacity, what it lets through.
// Drawing 60,000 dots by copying pixels takes a fifth of the time of 60,000 calls to arc and fill.
function stamp(radius, fill, edge, width) {
  const reach = Math.ceil(radius + 1), at = [], red = [], green = [], blue = [], through = [];
  for (let dy = -reach; dy <= reach; dy++) for (let dx = -reach; dx <= reach; dx++) {
    const far = Math.hypot(dx, dy), whole = Math.max(0, Math.min(1, radius + 0.5 - far)), inner = Math.max(0, Math.min(whole, radius - 0.2 - far));
    const a = 0.9 * inner + 0.6 * (whole - inner);
    if (a <= 0) continue;
    const mix = (c) => Math.round(0.9 * inner * fill[c] + 0.6 * (whole - inner) * edge[c]);
    at.push(4 * (dy * width + dx)); red.push(mix(0)); green.push(mix(1)); blue.push(mix(2)); through.push(Math.round(256 * (1 - a)));
  }
  return { at, red, green, blue, through };
}

function render({ model, el }) {
  const f = model.get("static"), { n } = f;
  const bytes = (name) => { const view = model.get(name); return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength); };
  const columns = new Float32Array(bytes("columns")), shades = new Uint8Array(bytes("shades"));
  const column = (j) => columns.subarray(j * n, (j + 1) * n);
  const xs = column(0), ys = column(1);
  const root = stage(el, "Map of films", f.alt);
  const id = unique("explorer");

  // --- controls ---
  const search = filmSearch(model, root, { placeholder: "search a film: part of its title", chosen: () => film, choose: (chosen, event) => choose({ film: chosen }, event), point: (i) => point(i) });
  const { titles } = search;
  const select = h("select", { id: `${id}-colour`, ...OURS }, f.colourings.map((c) => h("option", { value: c.name }, c.label)));
  const legend = h("div", { class: "cg-legend" });
  const radios = f.measures.map((m) => { const input = h("input", { type: "radio", name: `${id}-measure`, value: m.name }); return { input, node: h("label", { class: "cg-choice" }, input, m.label) }; });

  // --- the map: dots below, marks above ---
  const dots = h("canvas", { "aria-hidden": "true" });
  const marks = h("canvas", { ...OURS, tabindex: 0, role: "application", "aria-label": `Map of ${n} films`, "aria-describedby": `${id}-keys` });
  const tip = h("div", { class: "cg-tip" });
  const button = (text, label, act) => { const b = h("button", { type: "button", "aria-label": label, title: label }, text); b.addEventListener("click", act); return b; };
  const tools = h("div", { class: "cg-tools" }, button("+", "zoom in", () => zoom(1.5)), button("\u2212", "zoom out", () => zoom(1 / 1.5)), button("Reset", "show the whole map", () => { fit(); later(); }));
  const frame = h("div", { class: "cg-map" }, dots, marks, tip, tools);

  // --- the list ---
  const heading = h("h4"), body = h("tbody"), valueHead = h("th", { scope: "col", class: "cg-num" }), said = h("p", { class: "cg-kept" }), trouble = h("div", { role: "alert" });
  const table = h("table", { class: "cg-table" }, h("caption", { class: "cg-hidden" }, "Nearest films"), h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "cg-num" }, "#"), h("th", { scope: "col" }, "film"), f.counted ? h("th", { scope: "col", class: "cg-num" }, "ratings") : null, valueHead, h("th", { scope: "col", class: "cg-num" }, "on map"))), body);
  const list = h("div", { class: "cg-near" }, search.node,
    h("div", { class: "cg-choices", role: "radiogroup", "aria-label": "Nearest by" }, h("span", { class: "cg-muted" }, "nearest by"), radios.map((r) => r.node)), heading, said, trouble, table);
  root.append(h("div", { class: "cg-row" }, h("div", { class: "cg-mapside" }, h("div", { class: "cg-colour" }, h("label", { for: `${id}-colour` }, "colour"), select, legend), frame,
    h("p", { class: "cg-muted cg-small", style: "margin-top:5px" }, h("i", { class: "cg-key" }, "1"), " near in the space ", h("i", { class: "cg-key cg-dashed" }), " near on the map"),
    f.warning ? h("p", { class: "cg-warning" }, f.warning) : null), list),
  h("p", { class: "cg-muted cg-small", id: `${id}-keys`, style: "margin-top:8px" }, "Point at a dot for its title, click to choose it, drag to move the map. After a click on the map, or Tab to it: wheel or + and \u2212 zoom, arrows move, Enter chooses the film at the cross, 0 shows all."),
  h("div", { class: "cg-foot" }, sources(f.sources)));

  // --- where things are: pixels of the page from coordinates of the map, one scale for both axes ---
  const low = [xs, ys].map((v) => v.reduce((a, b) => Math.min(a, b), Infinity)), high = [xs, ys].map((v) => v.reduce((a, b) => Math.max(a, b), -Infinity));
  let width = 0, height = 0, ratio = 1, least = 1, view = { x: 0, y: 0, scale: 1 };
  const X = (x) => width / 2 + (x - view.x) * view.scale, Y = (y) => height / 2 - (y - view.y) * view.scale;
  const fit = () => {
    const spans = [0, 1].map((a) => high[a] - low[a]), sides = [width - 44, height - 44];
    least = Math.min(...spans.map((span, a) => (span > 0 ? sides[a] / span : Infinity)));
    if (!(least > 0) || least === Infinity) least = 1;
    view = { x: (low[0] + high[0]) / 2, y: (low[1] + high[1]) / 2, scale: least };
  };
  const zoom = (factor, px = width / 2, py = height / 2) => {
    const scale = Math.max(least, Math.min(400 * least, view.scale * factor));
    if (scale === view.scale) return false;
    view = { x: view.x + (px - width / 2) * (1 / view.scale - 1 / scale), y: view.y - (py - height / 2) * (1 / view.scale - 1 / scale), scale };
    hold();
    later();
    return true;
  };
  const hold = () => { // the middle of the view stays among the films
    view.x = Math.max(low[0], Math.min(high[0], view.x));
    view.y = Math.max(low[1], Math.min(high[1], view.y));
  };

  // --- dots ---
  const colouring = () => Math.max(0, f.colourings.findIndex((c) => c.name === model.get("colour")));
  let picture = null;
  const drawDots = () => {
    const context = dots.getContext("2d"), style = getComputedStyle(root);
    const radius = ratio * Math.min(7, (n < 3000 ? 3.6 : n < 20000 ? 2.2 : 1.5) * (view.scale / least) ** 0.3), reach = Math.ceil(radius + 1);
    const w = dots.width + 2 * reach, tall = dots.height + 2 * reach;
    if (!picture || picture.width !== w || picture.height !== tall) picture = new ImageData(w, tall);
    const data = picture.data, [r, g, b] = rgb(style.backgroundColor), edge = rgb(style.getPropertyValue("--cg-muted").trim());
    new Uint32Array(data.buffer).fill((255 << 24) | (b << 16) | (g << 8) | r);
    const at = colouring(), c = f.colourings[at], shade = shades.subarray(at * n, (at + 1) * n), ink = (c.colours || f.ramp).map(rgb);
    const stamps = [...ink.map((colour) => stamp(radius, colour, edge, w)), stamp(0.8 * radius, c.groups ? edge.map((v, i) => (v + [r, g, b][i]) / 2) : [r, g, b], edge, w)], none = stamps.length - 1;
    const k = view.scale * ratio, left = w / 2 - view.x * k, top = tall / 2 + view.y * k;
    for (const first of [true, false]) for (let i = 0; i < n; i++) { // films without a colour first, below the others
      const s = shade[i];
      if ((s === 255) !== first) continue;
      const px = Math.round(left + xs[i] * k), py = Math.round(top - ys[i] * k);
      if (px < reach || py < reach || px >= w - reach || py >= tall - reach) continue;
      const { at: where, red, green, blue, through } = stamps[s === 255 ? none : s], o = 4 * (py * w + px);
      for (let p = 0; p < where.length; p++) {
        const q = o + where[p], t = through[p];
        data[q] = red[p] + ((data[q] * t) >> 8);
        data[q + 1] = green[p] + ((data[q + 1] * t) >> 8);
        data[q + 2] = blue[p] + ((data[q + 2] * t) >> 8);
      }
    }
    context.putImageData(picture, -reach, -reach);
  };

  // --- marks ---
  let scene = model.get("scene"), pointed = -1, keyed = false;
  // The chosen film's title, where it covers the fewest marks.
  const name = (context, strong, back, family) => {
    const at = [X(xs[scene.film]), Y(ys[scene.film])], outside = (x, y) => x < 0 || y < 0 || x > width || y > height;
    if (outside(...at)) return;
    context.font = `650 13px ${family}`; context.textAlign = "center"; context.textBaseline = "middle";
    const half = context.measureText(titles[scene.film]).width / 2 + 4, taken = [...scene.rows.map((row) => row.id), ...scene.near_on_map].map((i) => [X(xs[i]), Y(ys[i])]);
    let best = null;
    for (const [dx, dy] of [[0, -22], [0, 22], [half + 12, 0], [-half - 12, 0], [0, -44], [0, 44], [half + 34, -18], [-half - 34, -18], [half + 34, 18], [-half - 34, 18]]) {
      const x = at[0] + dx, y = at[1] + dy;
      const cost = taken.filter(([a, b]) => Math.abs(a - x) < half + 11 && Math.abs(b - y) < 20).length + (outside(x - half, y - 10) || outside(x + half, y + 10) ? 50 : 0);
      if (!best || cost < best.cost) best = { x, y, cost };
    }
    context.strokeStyle = back; context.lineWidth = 4; context.lineJoin = "round";
    context.strokeText(titles[scene.film], best.x, best.y);
    context.fillStyle = strong;
    context.fillText(titles[scene.film], best.x, best.y);
  };
  const drawMarks = () => {
    const context = marks.getContext("2d"), style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue(name).trim(), accent = colour("--cg-accent"), strong = style.color, back = style.backgroundColor;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const circle = (i, radius) => { context.beginPath(); context.arc(X(xs[i]), Y(ys[i]), radius, 0, 7); };
    if (scene.rows.length) {
      context.strokeStyle = accent;
      context.globalAlpha = 0.55;
      context.lineWidth = 1;
      context.beginPath();
      scene.rows.forEach((row) => { context.moveTo(X(xs[scene.film]), Y(ys[scene.film])); context.lineTo(X(xs[row.id]), Y(ys[row.id])); });
      context.stroke();
      context.globalAlpha = 1;
      [...scene.rows].reverse().forEach((row) => {
        circle(row.id, 8);
        context.fillStyle = back; context.fill();
        context.strokeStyle = accent; context.lineWidth = 1.8; context.stroke();
        context.fillStyle = strong;
        context.font = `650 10px ${style.fontFamily}`; context.textAlign = "center"; context.textBaseline = "middle";
        context.fillText(String(scene.rows.indexOf(row) + 1), X(xs[row.id]), Y(ys[row.id]) + 0.5);
      });
      context.strokeStyle = strong; context.lineWidth = 1.3; context.setLineDash([3, 2.5]);
      scene.near_on_map.forEach((i) => { circle(i, 10.5); context.stroke(); });
      context.setLineDash([]);
      circle(scene.film, 7);
      context.fillStyle = accent; context.fill();
      context.strokeStyle = back; context.lineWidth = 2; context.stroke();
      name(context, strong, back, style.fontFamily);
    }
    if (keyed) {
      context.strokeStyle = strong; context.lineWidth = 1.2; context.beginPath();
      [[-12, 0, -3, 0], [3, 0, 12, 0], [0, -12, 0, -3], [0, 3, 0, 12]].forEach(([a, b, c, d]) => { context.moveTo(width / 2 + a, height / 2 + b); context.lineTo(width / 2 + c, height / 2 + d); });
      context.stroke();
    }
    if (pointed >= 0) { circle(pointed, 6); context.strokeStyle = strong; context.lineWidth = 2.2; context.stroke(); }
    tell();
  };
  const about = (i) => {
    const c = f.colourings[colouring()];
    if (c.groups) { const s = shades[colouring() * n + i]; return s === 255 ? "" : `: ${c.groups[s]}`; }
    if (!c.say) return "";
    const v = column(2 + c.column)[i];
    return Number.isFinite(v) ? `: ${c.say[0]}${fixed(v, c.digits)}${c.say[1]}` : "";
  };
  const tell = () => {
    if (pointed < 0) { tip.style.display = "none"; return; }
    tip.textContent = titles[pointed] + about(pointed);
    tip.style.display = "block";
    const half = tip.offsetWidth / 2, y = Y(ys[pointed]);
    tip.style.left = `${Math.max(half, Math.min(width - half, X(xs[pointed])))}px`;
    tip.style.top = `${y < 42 ? y + 54 : y - 4}px`;
  };
  const point = (i) => { if (i !== pointed) { pointed = i; later(false); } };

  let asked = 0, stale = false;
  const later = (all = true) => { // one drawing a frame
    stale = stale || all;
    if (!asked) asked = requestAnimationFrame(() => { asked = 0; if (width) { if (stale) drawDots(); stale = false; drawMarks(); } });
  };

  // --- pointer and keys on the map ---
  const spot = (event) => { const r = marks.getBoundingClientRect(); return [event.clientX - r.left, event.clientY - r.top]; };
  const under = (px, py, reach = 14) => nearestPoint(xs, ys, view.x + (px - width / 2) / view.scale, view.y - (py - height / 2) / view.scale, reach / view.scale);
  let held = null;
  marks.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    marks.focus({ preventScroll: true });
    marks.setPointerCapture(event.pointerId);
    held = { at: spot(event), x: view.x, y: view.y, moved: false };
  });
  marks.addEventListener("pointermove", (event) => {
    const [px, py] = spot(event);
    keyed = false;
    if (held && (held.moved || Math.hypot(px - held.at[0], py - held.at[1]) > 4)) {
      held.moved = true;
      view.x = held.x - (px - held.at[0]) / view.scale;
      view.y = held.y + (py - held.at[1]) / view.scale;
      hold();
      pointed = -1;
      later();
    } else point(under(px, py));
    marks.style.cursor = held && held.moved ? "grabbing" : pointed >= 0 ? "pointer" : "grab";
  });
  marks.addEventListener("pointerup", (event) => {
    const click = held && !held.moved;
    held = null;
    if (!click) return;
    const i = under(...spot(event));
    if (i >= 0) choose({ film: i }, event);
  });
  marks.addEventListener("pointercancel", () => { held = null; });
  marks.addEventListener("pointerleave", () => point(-1));
  marks.addEventListener("wheel", (event) => {
    if (!marks.matches(":focus") && !event.ctrlKey && !event.metaKey) return; // the page scrolls, unless the map was chosen
    if (zoom(Math.exp(-Math.max(-300, Math.min(300, event.deltaY)) / 400), ...spot(event)) || event.ctrlKey) event.preventDefault();
  }, { passive: false });
  const cross = () => { keyed = true; pointed = under(width / 2, height / 2, 60); if (pointed >= 0) root.say(titles[pointed]); later(); };
  marks.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (event.shiftKey ? 160 : 40) / view.scale;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (moves[event.key]) { view.x += step * moves[event.key][0]; view.y += step * moves[event.key][1]; hold(); }
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-" || event.key === "_") zoom(0.8);
    else if (event.key === "0" || event.key === "Home") fit();
    else if (event.key === "Enter" || event.key === " ") { if (keyed && pointed >= 0) choose({ film: pointed }, event); event.preventDefault(); event.stopPropagation(); return; }
    else return;
    event.preventDefault();
    event.stopPropagation();
    cross();
  });
  marks.addEventListener("focus", () => { if (marks.matches(":focus-visible") && !held) cross(); });
  marks.addEventListener("blur", () => { if (keyed) { keyed = false; point(-1); later(false); } });

  // --- choosing ---
  let { film, measure } = scene;
  const choose = (change, event) => {
    ({ film, measure } = { film, measure, ...change });
    wire.ask({ film, measure }, event);
  };

  // --- colour ---
  const explain = () => {
    const c = f.colourings[colouring()];
    select.value = c.name;
    const patch = (colour, words) => h("span", { class: "cg-patch" }, h("i", { style: `background:${colour}` }), words);
    const none = c.groups ? patch("color-mix(in srgb, var(--cg-muted) 50%, var(--cg-bg))", "other") : patch("var(--cg-bg)", `unknown (${c.missing})`); // cividis has a grey
    if (c.groups) legend.replaceChildren(...c.groups.map((name, i) => patch(c.colours[i], name)), none);
    else legend.replaceChildren(h("span", { class: "cg-ramp" }, h("i", { style: `background:linear-gradient(90deg,${f.ramp.join(",")})` }), c.ends.map((end) => h("span", {}, end))), ...(c.missing ? [none] : []));
    later();
  };
  select.addEventListener("input", () => { model.set("colour", select.value); model.save_changes(); explain(); });
  model.on("change:colour", explain);
  radios.forEach(({ input }) => input.addEventListener("input", (event) => choose({ measure: input.value }, event)));

  // --- drawing an answer ---
  const draw = (answer, { settled } = { settled: true }) => {
    const moved = answer.film !== scene.film;
    scene = answer;
    if (settled) { ({ film, measure } = scene); search.mark(); radios.forEach(({ input }) => { input.checked = input.value === measure; }); }
    heading.textContent = scene.heading;
    valueHead.textContent = scene.value;
    body.replaceChildren(...scene.rows.map((row, place) => {
      const name = h("button", { type: "button", class: "cg-link", title: "choose this film" }, row.title);
      name.addEventListener("click", (event) => choose({ film: row.id }, event));
      const tr = h("tr", { class: row.both ? "cg-on" : "" }, h("td", { class: "cg-num cg-muted" }, String(place + 1)), h("td", { class: "cg-title" }, name),
        f.counted ? h("td", { class: "cg-num" }, row.count) : null, h("td", { class: "cg-num" }, row.value), h("td", { class: "cg-num" }, row.both ? h("span", { role: "img", "aria-label": "near on the map too" }, "\u2713") : null));
      tr.addEventListener("pointerenter", () => point(row.id));
      tr.addEventListener("pointerleave", () => point(-1));
      name.addEventListener("focus", () => point(row.id));
      name.addEventListener("blur", () => point(-1));
      return tr;
    }));
    said.textContent = scene.said;
    list.classList.toggle("cg-stale", Boolean(scene.stale));
    problems(trouble, scene.problems);
    if (moved && width && (X(xs[scene.film]) < 0 || X(xs[scene.film]) > width || Y(ys[scene.film]) < 0 || Y(ys[scene.film]) > height)) {
      view.x = xs[scene.film]; view.y = ys[scene.film];
      later();
    }
    later(false);
    root.say(scene.spoken);
  };
  const wire = link(model, root, draw);

  const size = () => {
    const wide = frame.clientWidth, tall = Math.round(Math.min(540, Math.max(300, 0.86 * wide)));
    if (!wide || (wide === width && ratio === window.devicePixelRatio)) return;
    const first = !width, far = view.scale / least;
    [width, height, ratio] = [wide, tall, window.devicePixelRatio || 1];
    frame.style.height = `${tall}px`;
    for (const canvas of [dots, marks]) { canvas.width = Math.round(wide * ratio); canvas.height = Math.round(tall * ratio); }
    const { x, y } = view;
    fit();
    if (!first) view = { x, y, scale: far * least };
    later();
  };
  const watch = new ResizeObserver(size);
  watch.observe(frame);
  const theme = new MutationObserver(() => { later(); setTimeout(later, 300); }); // the theme's style sheet may come after the attribute
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  root.cgPlace = (i) => { const r = marks.getBoundingClientRect(); return [r.left + X(xs[i]), r.top + Y(ys[i])]; }; // for tests
  explain();
  draw(scene);
  return () => { wire.stop(); watch.disconnect(); theme.disconnect(); cancelAnimationFrame(asked); model.off("change:colour", explain); };
}
export default { render, nearestPoint, titleSearch };
