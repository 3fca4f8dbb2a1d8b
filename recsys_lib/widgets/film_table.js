// Lesson 2: search a title, choose a film, see its neighbours. Python searches and measures.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Film search and nearest films", f.alt);
  const id = unique("search");
  const options = h("ul", { class: "cg-options", role: "listbox", id: `${id}-list`, "aria-label": "Matching films" });
  const box = h("input", { type: "search", id, class: "cg-search", placeholder: "part of a title", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-expanded": "true", "aria-controls": `${id}-list`, "aria-autocomplete": "list" });
  const found = h("p", { class: "cg-muted cg-small", style: "margin-top:6px" });
  const heading = h("h4"), body = h("tbody"), trouble = h("div", { role: "alert" });
  const head = (c) => h("th", { scope: "col", class: "cg-num" }, c);
  const table = h("table", { class: "cg-table" }, h("caption", { class: "cg-hidden" }, "Nearest films"), h("thead", {}, h("tr", {}, head("#"), h("th", { scope: "col" }, "film"), f.columns.map(head))), body);
  root.append(h("div", { class: "cg-row" }, h("div", { style: "flex:1 1 260px;max-width:400px;min-width:240px" }, h("h4", {}, h("label", { for: id }, "Search a film")), box, found, options,
    h("p", { class: "cg-muted cg-small", style: "margin-top:6px" }, "Arrow keys choose, Enter picks.")),
    h("div", { style: "flex:1.5 1 330px;min-width:290px" }, heading, table, trouble)), h("div", { class: "cg-foot" }, sources(f.sources)));

  let active = -1, shown = [], text = model.get("scene").text, film = model.get("scene").film;
  const light = (i, scroll = true) => {
    active = i;
    [...options.children].forEach((li, j) => { li.classList.toggle("cg-active", j === i); if (j === i && scroll) { const top = li.offsetTop - options.offsetTop; if (top < options.scrollTop) options.scrollTop = top; else if (top + li.offsetHeight > options.scrollTop + options.clientHeight) options.scrollTop = top + li.offsetHeight - options.clientHeight; } });
    if (i >= 0) box.setAttribute("aria-activedescendant", `${id}-${shown[i].id}`); else box.removeAttribute("aria-activedescendant");
  };
  const pick = (i, event) => { if (shown[i]) { film = shown[i].id; wire.ask({ text, film }, event); } };
  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) { text = scene.text; film = scene.film; if (box.value !== text) box.value = text; }
    const same = scene.matches.length === shown.length && scene.matches.every((m, i) => m.id === shown[i].id);
    shown = scene.matches;
    if (!same) {
      options.replaceChildren(...shown.map((m, i) => {
        const li = h("li", { role: "option", id: `${id}-${m.id}` }, h("span", {}, m.title), h("span", { class: "cg-muted cg-num" }, m.note));
        li.addEventListener("pointerdown", (event) => event.preventDefault());
        li.addEventListener("click", (event) => { light(i, false); pick(i, event); });
        return li;
      }));
      options.scrollTop = 0;
      light(-1);
    }
    [...options.children].forEach((li, i) => li.setAttribute("aria-selected", String(shown[i].id === scene.film)));
    options.style.display = shown.length ? "" : "none";
    found.textContent = scene.found;
    heading.textContent = scene.heading;
    body.replaceChildren(...scene.rows.map((row, place) => h("tr", {}, h("td", { class: "cg-num cg-muted" }, String(place + 1)), h("td", { class: "cg-title" }, row.title), row.cells.map((c) => h("td", { class: "cg-num" }, c)))));
    table.classList.toggle("cg-stale", Boolean(scene.stale));
    problems(trouble, scene.problems);
    root.say(scene.spoken);
  };
  box.addEventListener("input", (event) => { text = box.value; wire.ask({ text, film }, event); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const n = shown.length;
      if (n) light(event.key === "ArrowDown" ? (active + 1) % n : (active - 1 + n) % n);
    } else if (event.key === "Enter") { event.preventDefault(); pick(Math.max(0, active), event); }
    event.stopPropagation();
  });
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
