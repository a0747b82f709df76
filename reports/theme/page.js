// Language, figures, sorting, finding. Reads nothing but this page and asks the network for nothing.
(function () {
  "use strict";
  const root = document.documentElement;
  const KEY = "planner-lang";
  const PRINT_WIDTH = 680;
  const NARROW = 520;
  const SHOWN_ROWS = 12;
  const buttons = Array.from(document.querySelectorAll("[data-set-lang]"));
  const CONFIG = { displaylogo: false, displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
  let loaded = false;

  function remembered() {
    try { return window.localStorage.getItem(KEY); } catch (problem) { return null; }
  }

  function remember(lang) {
    try { window.localStorage.setItem(KEY, lang); } catch (problem) { /* a private window forgets */ }
  }

  function wanted() {
    const named = window.location.hash.slice(1, 3);
    const known = buttons.map((button) => button.dataset.setLang);
    return known.includes(named) ? named : known.includes(remembered()) ? remembered() : root.dataset.lang;
  }

  function show(lang) {
    root.dataset.lang = lang;
    buttons.forEach(function (button) {
      const chosen = button.dataset.setLang === lang;
      button.setAttribute("aria-pressed", String(chosen));
      if (chosen) { root.lang = button.dataset.tag; document.title = button.dataset.title; }
    });
    showCurrentStep();
    markCut();
    if (loaded) { drawVisible(); }
  }

  function sectionInView() {
    const seen = Array.from(document.querySelectorAll("section[id]")).filter((part) => part.offsetParent !== null);
    const above = seen.filter((part) => part.getBoundingClientRect().top < 160);
    return above.length ? above[above.length - 1].id : "";
  }

  function choose(lang) {
    const here = sectionInView();
    show(lang);
    remember(lang);
    const twin = here && document.getElementById(lang + here.slice(2));
    if (twin) { twin.scrollIntoView({ behavior: "instant" }); }
    try { window.history.replaceState(null, "", "#" + lang); } catch (problem) { /* some viewers forbid it */ }
  }

  function undrawn() {
    return Array.from(document.querySelectorAll(".figure:not([data-drawn])")).filter((box) => box.offsetParent !== null);
  }

  function fitted(layout, width) {
    if (width > NARROW) { return layout; }
    const small = { size: 11 };
    const narrow = Object.assign({}, layout, { font: small });
    narrow.margin = Object.assign({}, layout.margin, { l: 6, r: 6 });
    Object.keys(narrow).filter((key) => /^[xy]axis/.test(key)).forEach(function (key) {
      narrow[key] = Object.assign({ tickfont: small, ticklabelstandoff: 2 }, narrow[key]);
      if (narrow[key].nticks) { narrow[key] = Object.assign({}, narrow[key], { nticks: 3 }); }
    });
    return narrow;
  }

  // On a narrow page the words behind a bar need a larger share of the axis than on a wide one.
  function makeRoom(box) {
    const axis = box._fullLayout && box._fullLayout.xaxis;
    if (box.clientWidth > NARROW || !axis || axis.type !== "linear" || !(axis.range[0] <= 0)) { return; }
    const width = axis._length, span = axis.range[1] - axis.range[0];
    let end = axis.range[1];
    box.data.forEach(function (trace, place) {
      const isBar = trace.type === "bar" && trace.orientation === "h" && trace.textposition === "outside";
      if (!isBar && trace.mode !== "text") { return; }
      const frames = Array.from(box.querySelectorAll("g.trace text, text.bartext"));
      const longest = Math.max(0, ...frames.map((text) => text.getBBox().width));
      const tops = trace.x.map((x, n) => (Array.isArray(trace.base) ? trace.base[n] : 0) + x);
      const room = Math.min((longest + 12) / width, 0.6);
      end = Math.max(end, Math.max(...tops) / (1 - room));
    });
    if (end > axis.range[1] + span * 0.001) { window.Plotly.relayout(box, { "xaxis.range": [axis.range[0], end] }); }
  }

  function draw(box) {
    const source = document.querySelector('script[data-for="' + box.id + '"]');
    const figure = JSON.parse(source.textContent);
    box.dataset.drawn = "yes";
    window.Plotly.newPlot(box, figure.data, fitted(figure.layout, box.clientWidth), CONFIG).then(() => makeRoom(box));
  }

  function drawVisible() {
    if (!window.Plotly) { return; }
    const next = undrawn()[0];
    if (!next) { return; }
    draw(next);
    window.setTimeout(drawVisible, 0);
  }

  function markCut() {
    document.querySelectorAll(".table-frame").forEach(function (frame) {
      const hint = frame.previousElementSibling;
      const rest = frame.scrollWidth - frame.clientWidth;
      frame.classList.toggle("is-cut", rest - frame.scrollLeft > 2);
      if (hint && hint.classList.contains("scroll-hint")) { hint.classList.toggle("is-needed", rest > 2); }
    });
  }

  function forPrint() {
    if (!window.Plotly) { return; }
    undrawn().forEach(draw);
    document.querySelectorAll(".figure[data-drawn]").forEach(function (box) {
      if (box.offsetParent !== null) { window.Plotly.relayout(box, { width: PRINT_WIDTH, autosize: false }); }
    });
    document.querySelectorAll("details").forEach((part) => { part.open = true; });
  }

  function afterPrint() {
    document.querySelectorAll(".figure[data-drawn]").forEach(function (box) {
      if (box.offsetParent !== null) { window.Plotly.relayout(box, { width: null, autosize: true }); }
    });
  }

  function sortBy(table, place, heading) {
    const body = table.tBodies[0];
    const order = heading.dataset.order === "down" ? "up" : "down";
    table.querySelectorAll("th[data-order]").forEach((cell) => { delete cell.dataset.order; });
    heading.dataset.order = order;
    const way = order === "down" ? -1 : 1;
    const value = (row) => (row.cells[place] ? row.cells[place].dataset.sort : undefined);
    const words = (row) => (row.cells[place] ? row.cells[place].textContent : "");
    const rows = Array.from(body.rows).sort(function (one, other) {
      const a = value(one), b = value(other);
      if (a !== undefined && b !== undefined) { return way * (Number(a) - Number(b)); }
      if (a !== undefined || b !== undefined) { return a === undefined ? 1 : -1; }
      return way * words(one).localeCompare(words(other), root.lang);
    });
    rows.forEach((row) => body.appendChild(row));
    if (table.querySelector(".is-folded")) { fold(table); }
  }

  function fold(table) {
    Array.from(table.tBodies[0].rows).forEach((row, place) => row.classList.toggle("is-folded", place >= (Number(table.dataset.first) || SHOWN_ROWS)));
  }

  function makeFolding(table) {
    fold(table);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "unfold";
    button.textContent = table.dataset.fold;
    button.addEventListener("click", function () {
      table.querySelectorAll(".is-folded").forEach((row) => row.classList.remove("is-folded"));
      button.remove();
    });
    table.parentElement.insertAdjacentElement("afterend", button);
  }

  function makeSortable(table) {
    if (!table.tBodies.length || table.tBodies[0].rows.length < 2) { return; }
    table.classList.add("sortable");
    Array.from(table.tHead.rows[0].cells).forEach(function (heading, place) {
      heading.addEventListener("click", () => sortBy(table, place, heading));
    });
  }

  function find(event) {
    const text = event.target.value.trim().toLowerCase();
    document.querySelectorAll(".sellers tbody tr").forEach(function (row) {
      row.hidden = text !== "" && !row.textContent.toLowerCase().includes(text);
    });
  }

  function showCurrentStep() {
    document.querySelectorAll(".steps").forEach(function (bar) {
      const here = bar.querySelector("[aria-current]");
      if (here) { bar.scrollLeft = here.offsetLeft - bar.offsetLeft - 40; }
    });
  }

  function markContents() {
    const here = sectionInView();
    document.querySelectorAll(".toc a").forEach(function (link) {
      link.classList.toggle("here", link.getAttribute("href") === "#" + here);
    });
  }

  buttons.forEach((button) => button.addEventListener("click", () => choose(button.dataset.setLang)));
  document.querySelectorAll("table").forEach(makeSortable);
  document.querySelectorAll("table[data-fold]").forEach(makeFolding);
  document.querySelectorAll("[data-find]").forEach((input) => input.addEventListener("input", find));
  window.addEventListener("hashchange", () => show(wanted()));
  window.addEventListener("beforeprint", forPrint);
  window.addEventListener("afterprint", afterPrint);
  document.querySelectorAll(".table-frame").forEach((frame) => frame.addEventListener("scroll", markCut, { passive: true }));
  document.querySelectorAll("details").forEach((part) => part.addEventListener("toggle", markCut));
  window.addEventListener("resize", markCut);
  window.addEventListener("scroll", markContents, { passive: true });
  window.addEventListener("load", function () { loaded = true; drawVisible(); markContents(); });
  show(wanted());
}());
