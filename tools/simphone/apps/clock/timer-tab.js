// Timers: the keypad that sets one, and the cards of those there are.
"use strict";

const timerTab = (() => {
  let root, typed = "", settingUp = false, rows = [], faces = new Map();

  function digitsOf() {
    const all = typed.padStart(6, "0");
    return [Number(all.slice(0, 2)), Number(all.slice(2, 4)), Number(all.slice(4))];
  }

  // The two lines AndroidWorld's evaluator reads: `00h 00m 00s`, and in words as the description.
  function entry() {
    const [hours, minutes, seconds] = digitsOf();
    const text = `${dates.pad(hours)}h ${dates.pad(minutes)}m ${dates.pad(seconds)}s`;
    return h("div", { class: typed ? "entry set" : "entry", label: `${hours} hours, ${minutes} minutes, ${seconds} seconds`, id: "timer_setup_time" }, text);
  }

  function press(key) {
    if (key === "delete") typed = typed.slice(0, -1);
    else if (typed.length + key.length <= 6) typed = (typed + key).replace(/^0+/, "");
    draw();
  }

  function keypad() {
    const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0"];
    return h("div", { class: "keypad" },
      keys.map((key) => h("button", { class: "key", onclick: () => press(key) }, key)),
      h("button", { class: "key quiet-key", label: "Backspace", onclick: () => press("delete") }, icon("backspace")));
  }

  async function create() {
    const [hours, minutes, seconds] = digitsOf();
    await timers.add(((hours * 60 + minutes) * 60 + seconds) * 1000);
    typed = "";
    settingUp = false;
    await refresh();
  }

  function setup() {
    return h("div", { class: "timer-setup" }, entry(), keypad());
  }

  function stateText(timer, now) {
    if (timer.state === "expired") return "Time's up";
    if (timer.state === "paused") return "Paused";
    if (timer.state === "reset") return "Ready";
    return `Ends at ${dates.timeText(now + timers.left(timer, now))}`;
  }

  async function act(change) {
    await change;
    await refresh();
  }

  async function label(timer) {
    const text = await askLabel("Label", timer.label);
    if (text !== null) await act(timers.write(timer, { label: text }));
  }

  function card(timer, now) {
    const left = timers.left(timer, now);
    const running = timer.state === "running";
    const face = h("div", { class: `timer-face ${timer.state}` }, timers.clock(left));
    faces.set(timer._id, face);
    const name = timer.label || `${timers.lengthText(timer.length_ms)} timer`;
    const main = running
      ? h("button", { class: "round main", label: "Pause", onclick: () => act(timers.pause(timer, phone.now().getTime())) }, icon("pause"))
      : timer.state === "expired"
        ? h("button", { class: "round main", label: "Stop", onclick: () => act(timers.reset(timer)) }, icon("stop"))
        : h("button", { class: "round main", label: "Start", onclick: () => act(timers.start(timer, phone.now().getTime())) }, icon("play"));
    return h("div", { class: "timer card", "data-id": `timer_${timer._id}` },
      h("div", { class: "timer-head" },
        h("button", { class: "alarm-label", label: `Label ${name}`, onclick: () => label(timer) }, icon("tag"), h("span", {}, name)),
        h("button", { class: "ui-icon-button", label: "Delete timer", onclick: () => act(timers.remove(timer)) }, icon("close"))),
      face,
      h("div", { class: "quiet centred" }, stateText(timer, now)),
      h("div", { class: "progress" }, h("i", { style: `width:${Math.max(0, Math.min(100, 100 * left / timer.length_ms))}%` })),
      h("div", { class: "round-row" },
        h("button", { class: "round", label: "Reset", onclick: () => act(timers.reset(timer)) }, icon("undo")),
        main,
        h("button", { class: "round", label: "Add 1 minute", onclick: () => act(timers.addMinute(timer, phone.now().getTime())) }, "+1:00")));
  }

  function draw() {
    if (!root) return;
    const now = phone.now().getTime();
    faces = new Map();
    if (settingUp || !rows.length) fill(root, setup());
    else fill(root, rows.map((timer) => card(timer, now)));
    shell.buttons(buttons());
  }

  function buttons() {
    if (!settingUp && rows.length) return [{ label: "Add timer", icon: "add", run: () => { settingUp = true; draw(); } }];
    const found = [];
    if (rows.length) found.push({ label: "Cancel", icon: "close", small: true, run: cancel });
    if (typed) found.push({ label: "Start", icon: "play", run: create });
    return found;
  }

  function cancel() {
    settingUp = false;
    typed = "";
    draw();
  }

  async function refresh() {
    rows = await timers.all();
    draw();
  }

  function tick(now) {
    for (const timer of rows) {
      const face = faces.get(timer._id);
      if (!face || !face.isConnected || (timer.state !== "running" && timer.state !== "expired")) continue;
      const text = timers.clock(timers.left(timer, now));
      if (face.textContent === text) continue;
      face.textContent = text;
      face.parentNode.querySelector(".progress i").style.width = `${Math.max(0, Math.min(100, 100 * timers.left(timer, now) / timer.length_ms))}%`;
    }
  }

  async function show(node) {
    root = node;
    await refresh();
  }

  function back() {
    if (!settingUp || !rows.length) return false;
    cancel();
    return true;
  }

  return { show, refresh, tick, back, hide: () => { root = null; } };
})();
