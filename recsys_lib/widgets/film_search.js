// The search for a film in a figure: a part of its title is typed, and the browser finds it without asking anybody.
const MOST_FOUND = 30;

// What is compared: without capitals, and without accents.
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// A function that lists the first films whose titles hold every word of a text, and says how many there are.
function titleSearch(titles, order, how) {
  let plain = null, last = "", kept = order;
  return (text) => {
    plain = plain || titles.map(folded);
    let found = text.startsWith(last) ? kept : order; // whoever types on finds a part of what was found
    if (text !== last) for (const word of folded(text).split(/\s+/).filter(Boolean)) found = found.filter((i) => plain[i].includes(word));
    [last, kept] = [text, found];
    if (!found.length) return [[], "no film has this in its title"];
    return [[...found.slice(0, MOST_FOUND)], `${found.length.toLocaleString("en")} film${found.length > 1 ? "s" : ""}${how}`];
  };
}

// The box and its list. `choose(film, event)` is called for what is picked, `point(film)` for what is lit, -1 for nothing.
function filmSearch(model, root, { placeholder, chosen, choose, point = () => {} }) {
  const bytes = (name) => { const view = model.get(name); return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength); };
  const titles = new TextDecoder().decode(bytes("names")).split("\n"), order = new Int32Array(bytes("order")), ratings = new Float32Array(bytes("ratings"));
  const search = titleSearch(titles, order, ratings.length ? ", most ratings first" : "");
  const note = (i) => !ratings.length ? "" : Number.isFinite(ratings[i]) ? ratings[i].toFixed(0) : "\u2013";
  const id = unique("search");
  const options = h("ul", { class: "cg-options", role: "listbox", id: `${id}-list`, "aria-label": "Matching films" });
  const found = h("p", { class: "cg-muted cg-small", style: "padding:5px 10px" });
  const popup = h("div", { class: "cg-popup", style: "display:none" }, found, options);
  const box = h("input", { type: "search", id, class: "cg-search", placeholder, autocomplete: "off", spellcheck: "false", role: "combobox", "aria-label": "Search a film", "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list" });
  let active = -1, shown = null;

  const mark = () => { if (shown) [...options.children].forEach((li, i) => li.setAttribute("aria-selected", String(shown[i] === chosen()))); };
  const look = () => {
    const [ids, said] = search(box.value);
    if (!shown || ids.length !== shown.length || ids.some((film, i) => film !== shown[i])) {
      shown = ids;
      options.replaceChildren(...ids.map((film, i) => {
        const li = h("li", { role: "option", id: `${id}-${film}` }, h("span", {}, titles[film]), h("span", { class: "cg-muted cg-num" }, note(film)));
        li.addEventListener("click", (event) => pick(i, event));
        return li;
      }));
      options.scrollTop = 0;
      light(-1);
    }
    mark();
    options.style.display = ids.length ? "" : "none";
    found.textContent = said;
    return said;
  };
  const light = (i) => {
    active = i;
    [...options.children].forEach((li, j) => { li.classList.toggle("cg-active", j === i); if (j === i) li.scrollIntoView({ block: "nearest" }); });
    if (i >= 0) box.setAttribute("aria-activedescendant", `${id}-${shown[i]}`); else box.removeAttribute("aria-activedescendant");
    point(i >= 0 ? shown[i] : -1);
  };
  const open = (yes) => {
    if (yes) look();
    popup.style.display = yes ? "block" : "none";
    box.setAttribute("aria-expanded", String(yes));
    if (!yes) light(-1);
  };
  const pick = (i, event) => {
    const film = (shown || [])[i];
    if (film === undefined) return;
    open(false);
    box.value = "";
    choose(film, event);
  };
  box.addEventListener("input", () => { open(true); root.say(found.textContent); });
  box.addEventListener("click", () => open(true));
  box.addEventListener("blur", () => open(false));
  popup.addEventListener("mousedown", (event) => event.preventDefault()); // a press on the list does not take the focus from the box
  box.addEventListener("keydown", (event) => {
    const shut = box.getAttribute("aria-expanded") === "false";
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (shut) open(true);
      if (shown.length) light(event.key === "ArrowDown" ? (active + 1) % shown.length : (active - 1 + shown.length) % shown.length);
    } else if (event.key === "Enter") { event.preventDefault(); if (shut) open(true); else pick(Math.max(0, active), event); }
    else if (event.key === "Escape" && !shut) { event.preventDefault(); open(false); }
    event.stopPropagation();
  });
  return { node: h("div", { class: "cg-combo" }, box, popup), titles, mark };
}
