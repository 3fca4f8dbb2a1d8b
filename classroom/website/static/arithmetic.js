// The plane of lesson 3 without Python: what recsys_lib/widgets/vector_plane.py answers, by the course's own measures.
// tests/browser/test_site.py compares the two, place by place.
(window.courseArithmetic ||= {}).vector_plane = (traits) => {
  const { names, limits, measures } = traits.static;
  const [low, high] = limits;
  const words = { 1: "one", 2: "two", 3: "three", 4: "four", 5: "five" };
  const labels = Object.fromEntries(measures.map((m) => [m.name, m.label]));
  const even = (x, digits) => Number(x.toFixed(digits)) + 0;
  const clip = (x) => even(Math.min(high, Math.max(low, x)), 6);
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
  const length = (a) => Math.sqrt(dot(a, a));
  const score = {
    dot: (q, x) => dot(q, x),
    cosine: (q, x) => (length(q) * length(x) ? dot(q, x) / (length(q) * length(x)) : null),
    euclidean: (q, x) => length([q[0] - x[0], q[1] - x[1]]),
  };

  function ordered(scores, smaller) {
    const sign = smaller ? 1 : -1, known = scores.map((x, i) => [x === null ? null : even(sign * x, 9), i]).filter(([x]) => x !== null);
    known.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const order = known.map(([, i]) => i);
    return { order, ties: order.slice(1).map((b, at) => Math.abs(scores[order[at]] - scores[b]) < 1e-9) };
  }
  const written = (order, ties) => order.map((i, at) => names[i] + (at < order.length - 1 ? (ties[at] ? " = " : " > ") : "")).join("");

  function row(name, q, items) {
    if (name === "cosine" && !length(q)) return { scores: items.map(() => null), order: [], ties: [], note: "q has no direction" };
    const scores = items.map((x) => { const s = score[name](q, x); return s === null ? null : even(s, 9); });
    const without = name === "cosine" ? names.filter((_, i) => !length(items[i])) : [];
    return { scores, ...ordered(scores, name === "euclidean"), note: without.length ? `${without.join(", ")}: no direction` : "" };
  }

  function badge(rows) {
    const all = Object.values(rows), some = all.filter((r) => r.order.length);
    const orders = new Set(some.map((r) => written(r.order, r.ties)));
    const winners = new Set(some.filter((r) => !r.ties[0]).map((r) => r.order[0]));
    const n = words[all.length] || String(all.length);
    if (all.length > 1 && orders.size === all.length) return { text: winners.size === all.length ? `${n} rulers, ${n} winners` : `${n} rulers, ${n} orders`, win: true };
    if (orders.size === 1) return { text: "all rulers agree", win: false };
    return { text: `${n} rulers, ${words[orders.size] || "no"} orders`, win: false };
  }

  // The part of the square in which a . x exceeds `least`, cut out edge by edge, and its edge.
  function halfPlane(normal, least) {
    const value = (p) => dot(normal, p) - least, corners = [[low, low], [high, low], [high, high], [low, high]];
    const polygon = [], edge = [];
    corners.forEach((a, i) => {
      const b = corners[(i + 1) % 4], va = value(a), vb = value(b);
      if (va > 0) polygon.push(a);
      if (va > 0 !== vb > 0) {
        const t = va / (va - vb), cut = [even(a[0] + t * (b[0] - a[0]), 6), even(a[1] + t * (b[1] - a[1]), 6)];
        polygon.push(cut);
        edge.push(cut);
      }
    });
    return { polygon, edge };
  }
  function cone(q, half, reach) {
    const middle = Math.atan2(q[1], q[0]), steps = 24, arc = [];
    for (let i = 0; i <= steps; i++) {
      const at = middle - half + (2 * half * i) / steps;
      arc.push([even(reach * Math.cos(at), 4), even(reach * Math.sin(at), 4)]);
    }
    return { polygon: [[0, 0], ...arc], edge: [arc[0], [0, 0], arc[steps]] };
  }
  function region(name, q, found) {
    if (!found.order.length) return null;
    const best = found.scores[found.order[0]], winner = names[found.order[0]];
    const opening = `Shaded: a new item here would beat ${winner} by`;
    if (name === "euclidean") return { centre: q, radius: Math.max(0, best), text: `${opening} distance. It lies closer to q than ${best.toFixed(2)}.` };
    if (!length(q)) return null;
    if (name === "dot") return { ...halfPlane(q, best), text: `${opening} dot product, which exceeds ${best.toFixed(2)} beyond the line.` };
    const half = Math.acos(Math.min(1, Math.max(-1, best)));
    return { ...cone(q, half, 4 * Math.max(Math.abs(low), Math.abs(high))), text: `${opening} cosine. It points within ${((half * 180) / Math.PI).toFixed(1)}\u00b0 of q, at any length.` };
  }

  return ({ points }) => {
    const placed = points.map((p) => p.map(clip)), [q, ...items] = placed;
    const rows = Object.fromEntries(measures.map((m) => [m.name, row(m.name, q, items)]));
    const regions = {};
    for (const m of measures) { const found = region(m.name, q, rows[m.name]); if (found) regions[m.name] = found; }
    const said = badge(rows);
    const spoken = measures.map((m) => `${labels[m.name]}: ${written(rows[m.name].order, rows[m.name].ties)}`).join("; ");
    return { points: placed, rows, regions, badge: said, problems: [], spoken: `${spoken}. ${said.text}` };
  };
};
