"use strict";
// One picture over the whole screen: swipe to the next, tap twice or pinch to come closer, and what can be done with it.
// `visiting`: another app opened it, so BACK leads there.
function viewerPage(path, all, visiting = false) {
  let list = [...all];
  let place = Math.max(0, list.indexOf(path));
  let marked = new Set();
  let bare = false;
  let zoom = { scale: 1, x: 0, y: 0 };
  const stage = h("div", { class: "stage" });
  const head = h("div", { class: "over top" });
  const foot = h("div", { class: "over bottom" });
  let picture = null;
  const current = () => list[place];

  function place_() {
    if (picture) picture.style.transform = `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`;
  }

  function setZoom(scale, x = 0, y = 0) {
    const limit = { x: (stage.clientWidth * (scale - 1)) / 2, y: (stage.clientHeight * (scale - 1)) / 2 };
    const within = (value, most) => Math.max(-most, Math.min(most, value));
    zoom = scale <= 1.02 ? { scale: 1, x: 0, y: 0 } : { scale: Math.min(scale, 6), x: within(x, limit.x), y: within(y, limit.y) };
    place_();
  }

  async function draw() {
    if (!current()) return void pages.close(page);
    marked = await favourites.all();
    const name = paths.nameOf(current());
    const film = isFilm(name);
    const loved = marked.has(current());
    const stat = await phone.files.stat(current()).catch(() => null);
    if (!stat) return drop();
    fill(head, iconButton("back", "Navigate up", () => leave()), h("div", { class: "titles" }, h("h1", {}, name), h("small", {}, `${place + 1} of ${list.length}`)), iconButton("more", "More options", more));
    fill(foot, iconButton(loved ? "heart-filled" : "heart", loved ? "Remove from favourites" : "Add to favourites", flip), !film && iconButton("rotate", "Rotate", rotate), iconButton("share", "Share", () => share({ path: current() })), iconButton("info", "Details", () => showDetails(current())), iconButton("delete", "Delete", remove));
    const source = `${phone.fileUrl(current())}?${stat.mtime}-${stat.size}`;
    if (picture?.dataset.source !== source) {
      picture = film ? h("video", { playsinline: true, muted: true, preload: "auto", label: name, src: source }) : h("img", { alt: name, src: source, draggable: "false" });
      picture.dataset.source = source;
      picture.addEventListener("error", () => fill(stage, h("div", { class: "broken" }, icon("image"), h("p", {}, "This file cannot be shown"))));
      setZoom(1);
      fill(stage, picture, film && playButton(picture));
    }
  }

  // A film runs between its button's taps.
  function playButton(film) {
    const button = h("button", { class: "play" });
    const say = () => { fill(button, icon(film.paused ? "play" : "pause", 36)); button.setAttribute("aria-label", film.paused ? "Play video" : "Pause video"); };
    for (const event of ["play", "pause", "ended"]) film.addEventListener(event, say);
    button.addEventListener("click", (event) => { event.stopPropagation(); if (film.paused) film.play().catch(say); else film.pause(); });
    say();
    return button;
  }

  function leave() {
    if (visiting) phone.leave();
    pages.close(page);
  }

  async function flip() {
    await (marked.has(current()) ? favourites.drop(current()) : favourites.add(current()));
    await draw();
  }

  // Turned by a quarter and saved: a JPEG stays one, anything else becomes a PNG of the same name.
  async function rotate() {
    const source = new Image();
    source.src = picture.src;
    await source.decode();
    const canvas = h("canvas", { width: source.naturalHeight, height: source.naturalWidth });
    const pen = canvas.getContext("2d");
    pen.translate(canvas.width, 0);
    pen.rotate(Math.PI / 2);
    pen.drawImage(source, 0, 0);
    const kind = paths.type(current()) === "image/jpeg" ? "image/jpeg" : "image/png";
    await phone.files.writeBytes(current(), canvas.toDataURL(kind, 0.92).split(",")[1]);
    await draw();
  }

  function drop() {
    list.splice(place, 1);
    place = Math.min(place, list.length - 1);
    if (!list.length) leave();
    else draw();
  }

  async function remove() {
    if (await deleteMedia([current()])) drop();
  }

  async function more(event) {
    const picked = await menu(event.currentTarget, ["Rename", "Copy to", "Move to", "Details"]);
    if (picked === "Rename") list[place] = await renameMedia(current());
    else if (picked === "Copy to") await transferMedia([current()], "Copy");
    else if (picked === "Move to") {
      const before = current();
      if ((await transferMedia([before], "Move")) && !(await phone.files.exists(before))) return drop();
    } else if (picked === "Details") await showDetails(current());
    await draw();
  }

  function turn(by) {
    const next = place + by;
    if (next < 0 || next >= list.length) return setZoom(1);
    place = next;
    draw();
  }

  // Touch: one finger moves a zoomed picture or turns to the next, two change the size.
  let touch = null;
  let tapped = 0;
  const spread = (touches) => Math.hypot(touches[0].clientX - touches[1].clientX, touches[0].clientY - touches[1].clientY);
  stage.addEventListener("touchstart", (event) => {
    const [first] = event.touches;
    touch = { x: first.clientX, y: first.clientY, zoom: { ...zoom }, spread: event.touches.length > 1 ? spread(event.touches) : 0, moved: false };
  }, { passive: true });
  stage.addEventListener("touchmove", (event) => {
    if (!touch) return;
    if (event.touches.length > 1 && touch.spread) setZoom((touch.zoom.scale * spread(event.touches)) / touch.spread, touch.zoom.x, touch.zoom.y);
    else {
      const [dx, dy] = [event.touches[0].clientX - touch.x, event.touches[0].clientY - touch.y];
      touch.moved ||= Math.hypot(dx, dy) > 10;
      touch.dx = dx;
      if (zoom.scale > 1) setZoom(zoom.scale, touch.zoom.x + dx, touch.zoom.y + dy);
      else if (touch.moved && !touch.spread) picture.style.transform = `translateX(${dx}px)`;
    }
  }, { passive: true });
  stage.addEventListener("touchend", () => {
    if (!touch) return;
    const { moved, dx = 0, spread: pinched } = touch;
    touch = null;
    if (zoom.scale > 1 || pinched) return;
    if (moved && Math.abs(dx) > 60) turn(dx < 0 ? 1 : -1);
    else if (moved) place_();
  });
  stage.addEventListener("click", (event) => {
    const now = performance.now();
    if (now - tapped < 320) {
      tapped = 0;
      setZoom(zoom.scale > 1 ? 1 : 2.5, (stage.clientWidth / 2 - event.clientX) * 1.5, (stage.clientHeight / 2 - event.clientY) * 1.5);
      bare = false;
    } else {
      tapped = now;
      bare = !bare;
    }
    page.node.classList.toggle("bare", bare);
  });

  const page = {
    node: h("div", { class: "ui-screen viewer" }, stage, head, foot), activity: `${ACTIVITIES}ViewPagerActivity`, shown: draw, changed: () => draw(),
    back: () => { if (zoom.scale > 1) { setZoom(1); return true; } if (!visiting) return false; leave(); return true; },
  };
  pages.open(page);
}
