"use strict";
document.documentElement.classList.add("js");
document.addEventListener("DOMContentLoaded", () => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const main = one("main");
  const articles = all("article.step");
  const links = new Map(all(".strip a").map((link) => [link.dataset.step, link]));
  const sources = new Map(all("img[data-screen][src]").map((image) => [image.dataset.screen, image]));
  const help = one("dialog");
  const slider = one(".wipe input");
  const view = { at: 0, show: "before", overlay: true, actual: false };
  const GAP = 8;

  const fromAddress = () => {
    const named = articles.findIndex((article) => "#" + article.id === decodeAddress());
    return named < 0 ? 0 : named;
  };
  const decodeAddress = () => {
    try {
      return decodeURIComponent(location.hash);
    } catch {
      return "";
    }
  };

  function show(index, remember = true) {
    view.at = Math.max(0, Math.min(articles.length - 1, index));
    const article = articles[view.at];
    const name = article.dataset.step;
    for (const image of all("img[data-screen]:not([src])", article)) {
      const source = sources.get(image.dataset.screen);
      if (source) image.src = source.src;
    }
    articles.forEach((other) => other.classList.toggle("current", other === article));
    links.forEach((link, key) => (key === name ? link.setAttribute("aria-current", "step") : link.removeAttribute("aria-current")));
    reveal(links.get(name));
    const position = name === "end" ? "End" : `Step ${name} of ${articles.length - 1}`;
    one(".position").textContent = position;
    one(".position").setAttribute("aria-label", `${position}: ${article.dataset.words}`);
    one("[data-do=previous]").disabled = view.at === 0;
    one("[data-do=next]").disabled = view.at === articles.length - 1;
    const hasAfter = Boolean(one(".after", article));
    all("[data-show]").forEach((button) => (button.disabled = !hasAfter && button.dataset.show !== "before"));
    one(".panel", article).scrollTop = 0;
    // Not an assignment to location.hash: that would scroll, and fill the history with a page for each step.
    if (remember) history.replaceState(null, "", "#" + article.id);
    draw();
  }

  /* Scrolls the strip alone; scrollIntoView would move a narrow page as well. */
  function reveal(link) {
    const item = link.getBoundingClientRect();
    for (const box of [one(".strip"), one(".strip ol")]) {
      const frame = box.getBoundingClientRect();
      box.scrollTop += Math.max(0, item.bottom + GAP - frame.bottom) + Math.min(0, item.top - GAP - frame.top);
      box.scrollLeft += Math.max(0, item.right + GAP - frame.right) + Math.min(0, item.left - GAP - frame.left);
    }
  }

  function draw() {
    const article = articles[view.at];
    const canvas = one(".canvas", article);
    const mode = one(".after", article) ? view.show : "before";
    for (const name of ["before", "after", "compare"]) main.classList.toggle("show-" + name, name === mode);
    main.classList.toggle("no-overlay", !view.overlay);
    canvas.classList.toggle("both", mode === "compare");
    one(".wipe").hidden = mode !== "compare";
    press("[data-do=overlay]", view.overlay);
    press("[data-do=zoom]", view.actual);
    all("[data-show]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.show === mode)));
    canvas.style.setProperty("--cut", slider.value + "%");
    resize(article, canvas);
  }

  const press = (selector, pressed) => one(selector).setAttribute("aria-pressed", String(pressed));

  function resize(article, canvas) {
    const viewport = one(".viewport", article);
    const style = getComputedStyle(viewport);
    const across = viewport.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const narrow = matchMedia("(max-width: 899px)").matches;
    const down = narrow ? innerHeight * 0.72 : viewport.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const width = Number(canvas.dataset.width);
    const height = Number(canvas.dataset.height);
    // Small screens may grow, but not until their pixels are all that one sees.
    const scale = view.actual ? 1 : Math.min(across / width, down / height, 3);
    canvas.style.width = width * scale + "px";
    canvas.style.height = height * scale + "px";
    const overlay = one(".overlay", article);
    if (overlay && view.overlay) label(overlay, width, height, 1 / scale);
  }

  /* Marks keep their size on the reader's screen whatever the scale; labels are moved to lie inside of the picture. */
  function label(overlay, width, height, unit) {
    overlay.style.setProperty("--unit", unit);
    for (const badge of all(".badge", overlay)) {
      const text = one("text", badge);
      const rect = one("rect", badge);
      const box = text.getBBox();
      rect.setAttribute("x", box.x - GAP);
      rect.setAttribute("y", box.y - 4);
      rect.setAttribute("width", box.width + 2 * GAP);
      rect.setAttribute("height", box.height + 8);
      const wide = (box.width + 2 * GAP) * unit;
      const high = (box.height + 8) * unit;
      const pointed = badge.dataset.x !== undefined;
      let x = pointed ? Number(badge.dataset.x) + 26 * unit : (width - wide) / 2;
      let y = pointed ? Number(badge.dataset.y) + 22 * unit : height - high - 14 * unit;
      if (pointed && x + wide > width) x = Number(badge.dataset.x) - 26 * unit - wide;
      if (pointed && y + high > height) y = Number(badge.dataset.y) - 22 * unit - high;
      x = Math.max(0, Math.min(width - wide, x)) + (GAP - box.x) * unit;
      y = Math.max(0, Math.min(height - high, y)) + (4 - box.y) * unit;
      badge.setAttribute("transform", `translate(${x} ${y}) scale(${unit})`);
    }
  }

  function zoom() {
    view.actual = !view.actual;
    draw();
    const target = one(".current .overlay .fixed, .current .canvas");
    if (view.actual) target.scrollIntoView({ block: "center", inline: "center" });
  }

  const toggleHelp = () => (help.open ? help.close() : help.showModal());
  const choose = (name) => {
    view.show = name;
    draw();
  };
  const actions = {
    previous: () => show(view.at - 1),
    next: () => show(view.at + 1),
    first: () => show(0),
    last: () => show(articles.length - 1),
    overlay: () => {
      view.overlay = !view.overlay;
      draw();
    },
    zoom,
    help: toggleHelp,
  };
  const keys = {
    ArrowLeft: actions.previous, k: actions.previous, ArrowRight: actions.next, j: actions.next, Home: actions.first, End: actions.last,
    o: actions.overlay, z: zoom, "?": toggleHelp, b: () => choose("before"), a: () => choose("after"), c: () => choose("compare"),
  };

  document.addEventListener("keydown", (event) => {
    const more = one(".more details");
    if (event.key === "Escape" && more.open) more.open = false;
    const typing = event.target.closest("input, textarea, select");
    if (event.ctrlKey || event.metaKey || event.altKey || typing || !Object.hasOwn(keys, event.key)) return;
    if (help.open && event.key !== "?") return;
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do], [data-show]");
    const link = event.target.closest("a[data-step]");
    if (button) button.dataset.do ? actions[button.dataset.do]() : choose(button.dataset.show);
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(articles.findIndex((article) => article.dataset.step === link.dataset.step));
    }
    const more = one(".more details");
    if (more.open && !more.contains(event.target)) more.open = false;
  });
  slider.addEventListener("input", draw);
  addEventListener("hashchange", () => show(fromAddress(), false));
  new ResizeObserver(draw).observe(main);
  show(fromAddress(), false);
});
