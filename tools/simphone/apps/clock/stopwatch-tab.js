// The stopwatch. Times are of the phone's clock, so that it goes on while the app is closed.
"use strict";

const stopwatchTab = (() => {
  let root, watch = null, main, hundredths;

  // "1:02:03" and "45" hundredths.
  function faceOf(ms) {
    const h = Math.floor(ms / 3600000), m = Math.floor(ms / 60000) % 60, s = Math.floor(ms / 1000) % 60;
    const head = h ? `${h}:${dates.pad(m)}:${dates.pad(s)}` : `${dates.pad(m)}:${dates.pad(s)}`;
    return [head, dates.pad(Math.floor(ms / 10) % 100)];
  }

  async function set(values) {
    watch = { ...watch, ...values };
    await timers.writeStopwatch(watch);
    draw();
  }

  function now() {
    return phone.now().getTime();
  }

  function start() {
    return set({ state: "running", started_ms: now() });
  }

  function pause() {
    return set({ state: "paused", accumulated_ms: timers.elapsed(watch, now()), started_ms: 0 });
  }

  function reset() {
    return set({ state: "reset", accumulated_ms: 0, started_ms: 0, laps: [] });
  }

  function lap() {
    const total = timers.elapsed(watch, now());
    return set({ laps: [...watch.laps, total] });
  }

  function lapRow(total, index) {
    const own = total - (index ? watch.laps[index - 1] : 0);
    return h("div", { class: "lap" },
      h("span", { class: "lap-number" }, `# ${index + 1}`), h("span", { class: "grow" }, faceOf(own).join(".")), h("span", {}, faceOf(total).join(".")));
  }

  function draw() {
    if (!root || !watch) return;
    const [head, rest] = faceOf(timers.elapsed(watch, now()));
    main = h("span", { class: "watch-main" }, head);
    hundredths = h("span", { class: "watch-rest" }, rest);
    fill(root,
      h("div", { class: `watch ${watch.state}` }, main, hundredths),
      watch.laps.length ? h("div", { class: "laps" }, h("div", { class: "lap lap-head" }, h("span", { class: "lap-number" }, "Lap"), h("span", { class: "grow" }, "Lap time"), h("span", {}, "Total")),
        watch.laps.map(lapRow).reverse()) : null);
    shell.buttons(buttons());
  }

  function buttons() {
    if (watch.state === "running") {
      return [{ label: "Lap", icon: "flag", small: true, run: lap }, { label: "Pause", icon: "pause", run: pause }];
    }
    const found = [{ label: "Start", icon: "play", run: start }];
    if (watch.state === "paused") found.unshift({ label: "Reset", icon: "undo", small: true, run: reset });
    return found;
  }

  function tick(at) {
    if (!watch || watch.state !== "running" || !main || !main.isConnected) return;
    const [head, rest] = faceOf(timers.elapsed(watch, at));
    if (main.textContent !== head) main.textContent = head;
    if (hundredths.textContent !== rest) hundredths.textContent = rest;
  }

  async function refresh() {
    watch = await timers.stopwatch();
    draw();
  }

  async function show(node) {
    root = node;
    await refresh();
  }

  return { show, refresh, tick, hide: () => { root = null; }, running: () => watch !== null && watch.state === "running" };
})();
