// Turns slides, switches the language, draws figures. Reads nothing but this file.
(function () {
  "use strict";
  const root = document.documentElement;
  const CONFIG = { displaylogo: false, displayModeBar: false, staticPlot: false, scrollZoom: false, doubleClick: false };
  const decks = Array.from(document.querySelectorAll(".deck"));
  const known = decks.map((deck) => deck.dataset.lang);
  let place = 0;

  function deckShown() { return decks.find((deck) => deck.dataset.lang === root.dataset.lang); }
  function slides() { return Array.from(deckShown().querySelectorAll(".slide")); }

  function draw(box) {
    if (box.dataset.drawn || !window.Plotly || !box.clientWidth) { return; }
    const source = document.querySelector('script[data-for="' + box.id + '"]');
    const figure = JSON.parse(source.textContent);
    const layout = Object.assign({}, figure.layout, { width: box.clientWidth, height: box.clientHeight, autosize: false });
    box.dataset.drawn = "yes";
    window.Plotly.newPlot(box, figure.data, layout, CONFIG);
  }

  function fit() {
    const scale = Math.min(window.innerWidth / 1280, window.innerHeight / 720);
    document.querySelectorAll(".stage").forEach(function (stage) {
      stage.style.transform = "scale(" + scale + ") translate(-50%, -50%)";
    });
  }

  function zoom(items, value) { items.forEach((item) => { item.style.zoom = String(value); }); }

  function isOver(content, items) {
    const isWide = items.some((item) => Array.from(item.querySelectorAll(".table-frame")).some((frame) => frame.scrollWidth > frame.clientWidth + 1));
    return isWide || content.scrollHeight > content.clientHeight + 1;
  }

  // What is too large for a slide grows smaller, as little as it must; what leaves room grows.
  function shrink(slide) {
    const content = slide.querySelector(".content");
    if (!content || content.dataset.fitted) { return; }
    content.dataset.fitted = "yes";
    const items = Array.from(content.querySelectorAll(".item"));
    const hasFigure = content.querySelector(".figure") !== null;
    let size = 1;
    while (isOver(content, items) && size > 0.66) { size -= 0.03; zoom(items, size); }
    while (size >= 1 && size < 1.3 && !hasFigure) {
      zoom(items, size + 0.03);
      if (isOver(content, items)) { zoom(items, size); break; }
      size += 0.03;
    }
  }

  function show() {
    const all = slides();
    place = Math.max(0, Math.min(place, all.length - 1));
    document.querySelectorAll(".slide").forEach((slide) => slide.classList.toggle("is-here", slide === all[place]));
    document.title = deckShown().dataset.title;
    root.lang = deckShown().lang;
    const button = document.querySelector(".turn .switch");
    if (button) { button.textContent = decks.find((deck) => deck !== deckShown()).dataset.name; }
    shrink(all[place]);
    all[place].querySelectorAll(".figure").forEach(draw);
    try { window.history.replaceState(null, "", "#" + root.dataset.lang + "-" + (place + 1)); } catch (problem) { /* some viewers forbid it */ }
  }

  function turn(step) { place += step; show(); }

  function choose(lang) {
    if (known.includes(lang)) { root.dataset.lang = lang; show(); }
  }

  function other() { choose(known.find((lang) => lang !== root.dataset.lang)); }

  function pressed(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, Enter: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Backspace: -1 };
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key in steps) { event.preventDefault(); turn(steps[event.key]); }
    else if (event.key === "Home") { place = 0; show(); }
    else if (event.key === "End") { place = Infinity; show(); }
    else if (event.key === "l" || event.key === "L") { other(); }
    else if ((event.key === "f" || event.key === "F") && root.requestFullscreen) { root.requestFullscreen(); }
  }

  function drawAll() {
    root.classList.add("printing");
    slides().forEach(function (slide) { shrink(slide); slide.querySelectorAll(".figure").forEach(draw); });
  }

  function wanted() {
    const parts = /^#([a-z]{2})(?:-(\d+|print))?/.exec(window.location.hash) || [];
    if (known.includes(parts[1])) { root.dataset.lang = parts[1]; }
    if (parts[2] === "print") { drawAll(); return; }
    if (parts[2]) { place = Number(parts[2]) - 1; }
    fit();
    show();
  }

  document.addEventListener("keydown", pressed);
  document.querySelectorAll("[data-turn]").forEach((button) => button.addEventListener("click", () => turn(Number(button.dataset.turn))));
  document.querySelectorAll(".turn .switch").forEach((button) => button.addEventListener("click", other));
  window.addEventListener("resize", fit);
  window.addEventListener("beforeprint", drawAll);
  window.addEventListener("afterprint", function () { root.classList.remove("printing"); fit(); show(); });
  wanted();
}());
