// Lesson 3: drag the query and the items; Python answers with scores, orders and regions.
function render({ model, el }) {
  const fixedPart = model.get("static");
  const { names, colours, limits, measures } = fixedPart;
  const [low, high] = limits;
  const size = 460, pad = 22;
  const X = scale(low, high, pad, size - 6), Y = scale(low, high, size - pad, 6);
  const unit = X(1) - X(0);
  const root = stage(el, "Vector plane: three rulers", fixedPart.alt);
  const clip = unique("clip"), radio = unique("shade");
  let points = model.get("scene").points.map((p) => [...p]); // q first, then the items
  let dragged = null;

  // --- the plane ---
  const drawing = s("svg", { viewBox: `0 0 ${size} ${size}`, role: "group", "aria-label": "Plane with one query and the items as arrows" });
  drawing.append(s("defs", {}, s("clipPath", { id: clip }, s("rect", { x: X(low), y: Y(high), width: X(high) - X(low), height: Y(low) - Y(high) }))));
  const grid = s("g", { "aria-hidden": "true" });
  for (let v = Math.ceil(low); v <= Math.floor(high); v++) {
    const style = v === 0 ? "stroke:var(--cg-muted);stroke-width:1.1" : "stroke:var(--cg-grid);stroke-width:1";
    grid.append(s("line", { x1: X(v), x2: X(v), y1: Y(low), y2: Y(high), style }), s("line", { x1: X(low), x2: X(high), y1: Y(v), y2: Y(v), style }));
    if (v % 2 === 0) {
      grid.append(s("text", { x: X(v), y: Y(low) + 15, "text-anchor": "middle", class: "cg-tick" }, String(v).replace("-", "\u2212")));
      grid.append(s("text", { x: X(low) - 6, y: Y(v) + 4, "text-anchor": "end", class: "cg-tick" }, String(v).replace("-", "\u2212")));
    }
  }
  const area = s("g", { "clip-path": `url(#${clip})`, "aria-hidden": "true" });
  drawing.append(grid, area);

  const words = s("g", { style: "pointer-events:none", "aria-hidden": "true" });
  const handles = points.map((_, i) => {
    const colour = i ? colours[i - 1] : "var(--cg-strong)";
    const name = i ? names[i - 1] : "q";
    const shaft = s("line", { style: `stroke:${colour};stroke-width:${i ? 2.6 : 3.4};stroke-linecap:round` });
    const head = s("path", { style: `fill:${colour}` });
    const label = s("text", { class: "cg-halo", style: "font-size:15px;font-weight:700;fill:var(--cg-strong)" }, name);
    const where = s("text", { class: "cg-halo cg-tick" });
    const reach = s("circle", { r: 22, style: "fill:transparent" });
    const ring = s("circle", { r: 11, class: "cg-ring" });
    const dot = s("circle", { r: i ? 5.5 : 6.5, style: `fill:${colour};stroke:var(--cg-bg);stroke-width:1.5` });
    const group = s("g", { class: "cg-handle", ...OURS, tabindex: 0, role: "button", "aria-roledescription": "movable point", "data-point": name }, reach, ring, shaft, head, dot);
    words.append(label, where);
    return { group, shaft, head, dot, ring, reach, label, where, name };
  });
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 0].forEach((i) => handles[i] && drawing.append(handles[i].group)); // q on top
  drawing.append(words); // names above all arrows
  // Reading order for the Tab key is document order: the items, then q.

  const place = (i) => {
    const g = handles[i], [x, y] = points[i], px = X(x), py = Y(y), ox = X(0), oy = Y(0);
    const length = Math.hypot(px - ox, py - oy), ux = length ? (px - ox) / length : 0, uy = length ? (py - oy) / length : 0;
    const tip = Math.max(0, length - 6), back = Math.max(0, tip - 11);
    put(g.shaft, { x1: ox, y1: oy, x2: ox + ux * back, y2: oy + uy * back });
    put(g.head, { d: length > 16 ? `M${ox + ux * tip},${oy + uy * tip}L${ox + ux * back - uy * 6},${oy + uy * back + ux * 6}L${ox + ux * back + uy * 6},${oy + uy * back - ux * 6}Z` : "M0,0" });
    for (const c of [g.dot, g.ring, g.reach]) put(c, { cx: px, cy: py });
    g.where.textContent = `(${fixed(x, 1)}, ${fixed(y, 1)})`;
    put(g.group, { "aria-label": `${g.name} at x ${fixed(x, 1)}, y ${fixed(y, 1)}. Arrow keys move it by 0.1, with Shift by 1.` });
  };
  // Each name goes to the corner of its point that is farthest from arrows and other names; the usual corner if free.
  const toSegment = (x, y, ax, ay, bx, by) => {
    const l = (bx - ax) ** 2 + (by - ay) ** 2, u = l ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / l)) : 0;
    return Math.hypot(x - ax - u * (bx - ax), y - ay - u * (by - ay));
  };
  const label = () => {
    const taken = [];
    points.forEach(([x, y], i) => {
      const px = X(x), py = Y(y), g = handles[i];
      let best = null;
      for (const [sx, sy] of [[1, -1], [-1, -1], [1, 1], [-1, 1]]) {
        const lx = px + sx * 12, ly = py + (sy < 0 ? -9 : 20), middle = ly - 5;
        if (lx + sx * 78 > size || lx + sx * 78 < 0 || middle < 4 || middle > size - pad) continue;
        let room = 60;
        for (const along of [6, 26, 46, 66]) {
          points.forEach(([ax, ay]) => { room = Math.min(room, toSegment(lx + sx * along, middle, X(0), Y(0), X(ax), Y(ay))); });
          taken.forEach(([tx, ty]) => { if (Math.abs(tx - lx - sx * along) < 22 && Math.abs(ty - middle) < 18) room = Math.min(room, 1); });
        }
        const free = room > 11;
        if (!best || (free && !best.free) || (free === best.free && !free && room > best.room)) best = { lx, ly, sx, middle, room, free };
      }
      best = best || { lx: px + 12, ly: py - 9, sx: 1, middle: py - 14 };
      [6, 26, 46, 66].forEach((along) => taken.push([best.lx + best.sx * along, best.middle]));
      const anchor = best.sx < 0 ? "end" : "start";
      put(g.label, { x: best.lx - (best.sx < 0 ? 55 : 0), y: best.ly, "text-anchor": anchor });
      put(g.where, { x: best.lx + (best.sx < 0 ? 0 : 15), y: best.ly, "text-anchor": anchor });
    });
  };
  const placeAll = () => { points.forEach((_, i) => place(i)); label(); };

  // --- the panel ---
  const badge = h("p", { class: "cg-badge" });
  const body = h("tbody");
  const table = h("table", { class: "cg-table cg-scores" }, h("caption", { class: "cg-hidden" }, "Score of each item by each measure, and the order it gives"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "shade region of"), ...names.map((n, i) => h("th", { scope: "col", class: "cg-num" }, chip(n, colours[i]))), h("th", { scope: "col" }, "best first"))), body);
  const rows = measures.map((m) => {
    const input = h("input", { type: "radio", name: radio, value: m.name });
    input.checked = model.get("shaded") === m.name;
    input.disabled = !m.region;
    input.addEventListener("change", () => { model.set("shaded", m.name); model.save_changes(); });
    const cells = names.map(() => h("td", { class: "cg-num" }));
    const order = h("td");
    const label = h("label", { class: "cg-ruler" }, input, h("span", {}, m.label, h("small", {}, m.distance ? "small wins" : "large wins")));
    body.append(h("tr", { "data-measure": m.name }, h("th", { scope: "row" }, label), ...cells, order));
    return { cells, order, tr: body.lastChild, input };
  });
  const caption = h("p", { class: "cg-caption" });
  const trouble = h("div", { role: "alert" });
  const reset = h("button", { type: "button" }, "Put back");
  reset.addEventListener("click", (event) => { points = fixedPart.start.map((p) => [...p]); placeAll(); wire.ask({ points }, event); });
  const panel = h("div", { class: "cg-plane-panel" }, h("div", { style: "margin:2px 0 12px;display:flex;gap:10px;justify-content:space-between;align-items:center" }, badge, reset), table, trouble, caption,
    h("p", { class: "cg-muted cg-small", style: "margin-top:6px" }, "Drag a point, or press Tab to reach it and move it with the arrow keys (Shift: whole steps)."),
    h("div", { class: "cg-foot" }, sources(fixedPart.sources)));
  root.append(h("div", { class: "cg-row" }, h("div", { class: "cg-plane" }, drawing), panel));

  // --- drawing an answer ---
  const shade = (scene) => {
    area.replaceChildren();
    const region = scene.regions[model.get("shaded")];
    if (!region) { caption.textContent = ""; return; }
    const style = "fill:var(--cg-tint);stroke:none", edge = "fill:none;stroke:var(--cg-accent);stroke-width:1.6;stroke-dasharray:5 4";
    if (region.radius !== undefined) {
      const [cx, cy] = region.centre, where = { cx: X(cx), cy: Y(cy), r: region.radius * unit };
      area.append(s("circle", { ...where, style }), s("circle", { ...where, style: edge }));
    } else {
      area.append(s("path", { d: path(region.polygon, X, Y) + "Z", style }), s("path", { d: path(region.edge, X, Y), style: edge }));
    }
    caption.textContent = region.text;
  };
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled && dragged === null) { points = scene.points.map((p) => [...p]); placeAll(); }
    measures.forEach((m, r) => {
      const answer = scene.rows[m.name], row = rows[r];
      row.tr.classList.toggle("cg-stale", Boolean(answer.stale));
      row.cells.forEach((cell, i) => {
        const score = answer.scores[i];
        cell.textContent = score === null ? "\u2013" : fixed(score, m.digits);
        cell.classList.toggle("cg-best", answer.order[0] === i);
      });
      const hint = answer.note ? h("small", { class: "cg-muted", style: "display:block;white-space:nowrap" }, answer.note) : null;
      row.order.replaceChildren(...[answer.order.length ? orderChips(answer.order, names, colours, answer.ties) : null, hint].filter(Boolean));
    });
    badge.textContent = scene.badge.text;
    badge.classList.toggle("cg-win", scene.badge.win);
    problems(trouble, scene.problems);
    shade(scene);
    root.say(scene.spoken);
  };

  // --- moving a point ---
  const snap = (v) => Math.min(high, Math.max(low, Math.round(v * 10) / 10));
  const move = (i, x, y, event) => {
    const next = [snap(x), snap(y)];
    if (next[0] === points[i][0] && next[1] === points[i][1]) return;
    points[i] = next;
    place(i);
    label();
    wire.ask({ points }, event);
  };
  handles.forEach(({ group }, i) => {
    let grip = [0, 0];
    const at = (event) => {
      const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
      return [low + (p.x - X(low)) / unit, low + (Y(low) - p.y) / unit];
    };
    group.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      event.stopPropagation();
      group.setPointerCapture(event.pointerId);
      group.focus({ preventScroll: true });
      const [x, y] = at(event);
      grip = [points[i][0] - x, points[i][1] - y];
      dragged = i;
    });
    group.addEventListener("pointermove", (event) => {
      if (dragged !== i) return;
      const [x, y] = at(event);
      move(i, x + grip[0], y + grip[1], event);
    });
    // Some browsers do not heed touch-action on a part of an SVG: without this the page would scroll and end the drag.
    group.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    const drop = () => { if (dragged === i) dragged = null; };
    group.addEventListener("pointerup", drop);
    group.addEventListener("pointercancel", drop);
    group.addEventListener("lostpointercapture", drop);
    group.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? 1 : 0.1;
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      move(i, points[i][0] + way[0] * step, points[i][1] + way[1] * step, event);
    });
  });
  const reshade = () => { rows.forEach((row) => { row.input.checked = row.input.value === model.get("shaded"); }); shade(model.get("scene")); };
  model.on("change:shaded", reshade);
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => { wire.stop(); model.off("change:shaded", reshade); };
}
export default { render };
