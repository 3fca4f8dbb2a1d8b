// Figures on a page without Python: a model that answers from a recording, or by arithmetic where a page brings some.
(() => {
  const key = (move) => JSON.stringify(Object.keys(move).filter((name) => name !== "seq").sort().map((name) => [name, move[name]]));

  // The recorded scene of a move; where that one was not recorded, of the nearest that differs in numbers alone.
  function recorded(scenes) {
    const known = new Map(scenes.map(([move, scene]) => [key(move), scene]));
    return (question) => {
      if (known.has(key(question))) return known.get(key(question));
      let best = null, least = Infinity;
      for (const [move, scene] of scenes) {
        let far = 0;
        for (const name of Object.keys(move)) {
          const [a, b] = [move[name], question[name]];
          if (typeof a === "number" && typeof b === "number") far += Math.abs(a - b);
          else if (key({ a }) !== key({ a: b })) far = Infinity;
        }
        if (far < least) { least = far; best = scene; }
      }
      return best;
    };
  }

  class Model {
    constructor(recording, answer) {
      this.values = { ...recording.traits, scene: recording.scene };
      this.answer = answer;
      this.listeners = {};
    }
    get(name) { return this.values[name]; }
    set(name, value) { this.values[name] = value; (this.listeners[`change:${name}`] || []).slice().forEach((f) => f()); }
    save_changes() {}
    on(event, f) { (this.listeners[event] ||= []).push(f); }
    off(event, f) { this.listeners[event] = (this.listeners[event] || []).filter((g) => g !== f); }
    send(question) {
      const scene = this.answer(question) || { ...this.values.scene, problems: ["This needs Python: run the lesson to go there."] };
      queueMicrotask(() => this.set("scene", { ...scene, seq: question.seq }));
    }
  }

  function mount(place) {
    const name = place.dataset.figure, figure = (window.courseFigures || {})[name];
    const recording = JSON.parse(place.querySelector('script[type="application/json"]').textContent);
    if (!figure) return;
    const arithmetic = (window.courseArithmetic || {})[name];
    const answer = arithmetic ? arithmetic(recording.traits) : recorded(recording.scenes);
    const still = place.querySelector(".cg-still"), el = document.createElement("div");
    place.append(el);
    figure.render({ model: new Model(recording, answer), el });
    if (still) still.remove();
  }
  const all = () => document.querySelectorAll(".cg-host").forEach(mount);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all); else all();
})();
