// Shared by all figures: base.py puts this text before each figure's own. Nothing here computes a score.
const NS = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined) continue;
    if (key === "style") node.style.cssText = value;
    else node.setAttribute(key, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}
// JupyterLab's shortcuts look at the focused element itself: only there does this attribute keep arrows and letters ours.
const OURS = { "data-lm-suppress-shortcuts": "true" };
const h = (tag, attributes, ...children) => fill(document.createElement(tag), /^(input|button)$/.test(tag) ? { ...OURS, ...attributes } : attributes, children);
const s = (tag, attributes, ...children) => fill(document.createElementNS(NS, tag), attributes, children);
const put = (node, attributes) => fill(node, attributes, []);

// Each figure loads its own copy of this text, so a serial number alone would name two figures' parts alike.
const copy = Math.random().toString(36).slice(2, 8);
let serial = 0;
const unique = (stem) => `cg-${stem}-${copy}-${++serial}`;
const fixed = (x, digits = 2) => (Number(x).toFixed(digits)).replace("-", "\u2212");

// The figure's root, with its description and a line that screen readers follow.
function stage(el, label, summary) {
  const root = h("div", { class: "cg", role: "group", "aria-label": label });
  const status = h("p", { class: "cg-hidden", role: "status", "aria-live": "polite" });
  root.append(h("p", { class: "cg-hidden" }, summary || ""), status);
  root.cgLatencies = [];
  let timer = 0;
  root.say = (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (status.textContent !== text) status.textContent = text; }, 400);
  };
  el.append(root);
  return root;
}

// At most one question is under way; while it is, only the latest move is kept.
// root.cgLatencies holds the milliseconds from an event to the DOM that shows its answer, waiting included.
function link(model, root, draw) {
  const view = Math.random().toString(36).slice(2, 8);
  let count = 0, flying = null, since = 0, waiting = null, waitingSince = 0, timer = 0;
  const fire = (question, start) => {
    flying = `${view}:${++count}`;
    since = start;
    clearTimeout(timer);
    timer = setTimeout(() => land(null), 30000); // the kernel restarted, or is busy: do not stay mute for ever
    root.setAttribute("aria-busy", "true");
    model.send({ ...question, seq: flying });
  };
  const land = (took) => {
    clearTimeout(timer);
    flying = null;
    root.removeAttribute("aria-busy");
    if (took !== null) { root.cgLatencies.push(took); if (root.cgLatencies.length > 500) root.cgLatencies.shift(); }
    if (waiting) { const next = waiting; waiting = null; fire(next, waitingSince); }
  };
  const changed = () => {
    const scene = model.get("scene");
    const mine = flying !== null && scene.seq === flying;
    draw(scene, { settled: !flying || (mine && !waiting) });
    if (mine) land(performance.now() - since);
  };
  model.on("change:scene", changed);
  return {
    ask(question, event) {
      const start = event && event.timeStamp ? event.timeStamp : performance.now();
      if (flying === null) fire(question, start);
      else { waiting = question; waitingSince = start; }
    },
    stop() { clearTimeout(timer); model.off("change:scene", changed); },
  };
}

function chip(name, colour) {
  return h("span", { class: "cg-chip", style: `--c:${colour}` }, name);
}
function orderChips(order, names, colours, ties) {
  const box = h("span", { class: "cg-order" });
  order.forEach((item, place) => {
    if (place) box.append(h("span", { class: "cg-sep" }, ties && ties[place - 1] ? "=" : ">"));
    box.append(chip(names[item], colours[item]));
  });
  return box;
}
function sources(list) {
  return list.map((x) => h("span", { class: x.source === "yours" ? "cg-yours" : "" }, x.note));
}
function problems(box, list) {
  box.replaceChildren(...(list || []).map((text) => h("p", { class: "cg-problem" }, text)));
}
function scale(from, to, low, high) {
  return (value) => low + ((value - from) / (to - from)) * (high - low);
}
function path(points, x, y) {
  return points.map((p, i) => `${i ? "L" : "M"}${x(p[0]).toFixed(2)},${y(p[1]).toFixed(2)}`).join("");
}
