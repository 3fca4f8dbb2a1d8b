// Lesson 1: choose a user, see two candidate lists. Python computes both lists.
function render({ model, el }) {
  const f = model.get("static");
  const root = stage(el, "Two candidate lists for one user", f.alt);
  const id = unique("user");
  const box = h("input", { type: "number", id, min: 0, max: f.users - 1, step: 1, style: "width:92px" });
  const back = h("button", { type: "button", "aria-label": "previous user" }, "\u2190"), next = h("button", { type: "button", "aria-label": "next user" }, "\u2192");
  const about = h("span", { class: "cg-muted" });
  const liked = h("ul", { class: "cg-liked" }), likedHead = h("h4");
  const shared = h("p", { class: "cg-badge" });
  const lists = f.lists.map((spec) => {
    const body = h("tbody"), problem = h("div", { role: "alert" });
    const node = h("div", { style: "flex:1 1 300px;min-width:270px" }, h("h4", {}, spec.title), h("p", { class: "cg-muted cg-small", style: "margin-bottom:6px" }, spec.subtitle),
      h("table", { class: "cg-table", "data-list": spec.name }, h("caption", { class: "cg-hidden" }, spec.title), h("thead", {}, h("tr", {}, h("th", { scope: "col", class: "cg-num" }, "#"), h("th", { scope: "col" }, "film"), h("th", { scope: "col", class: "cg-num" }, "ratings"))), body), problem);
    return { body, problem, node };
  });
  const main = h("div", {}, likedHead, liked, h("div", { class: "cg-row" }, lists.map((l) => l.node)));
  root.append(h("div", { class: "cg-user" }, h("label", { for: id, style: "font-weight:650" }, "User"), back, box, next, about, h("span", { style: "flex:1" }), shared), main, h("div", { class: "cg-foot" }, sources(f.sources)));

  const draw = (scene, { settled } = { settled: true }) => {
    if (settled) box.value = scene.user;
    main.classList.remove("cg-busy");
    about.textContent = scene.about;
    likedHead.textContent = scene.liked_heading;
    liked.replaceChildren(...scene.liked.map((t) => h("li", {}, t)));
    shared.textContent = scene.overlap;
    shared.classList.toggle("cg-win", scene.shared > 0);
    lists.forEach((list, i) => {
      const answer = scene.lists[i];
      list.node.classList.toggle("cg-stale", Boolean(answer.stale));
      list.body.replaceChildren(...answer.films.map((film, place) => h("tr", { class: film.both ? "cg-on" : "" }, h("td", { class: "cg-num cg-muted" }, String(place + 1)),
        h("td", { class: "cg-title cg-film" }, h("b", {}, film.title), film.both ? h("span", { class: "cg-tag" }, "in both") : null, h("small", {}, film.genres)), h("td", { class: "cg-num" }, String(film.count)))));
      problems(list.problem, answer.problems);
    });
    root.say(scene.spoken);
  };
  const choose = (user, event) => {
    if (!Number.isFinite(user)) return;
    user = Math.min(f.users - 1, Math.max(0, Math.round(user)));
    box.value = user;
    main.classList.add("cg-busy");
    wire.ask({ user }, event);
  };
  box.addEventListener("input", (event) => { if (box.value !== "") choose(Number(box.value), event); });
  back.addEventListener("click", (event) => choose(Number(box.value) - 1, event));
  next.addEventListener("click", (event) => choose(Number(box.value) + 1, event));
  const wire = link(model, root, draw);
  draw(model.get("scene"));
  return () => wire.stop();
}
export default { render };
