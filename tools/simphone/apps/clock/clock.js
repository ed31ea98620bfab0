// The app around its four tabs: title, content, round buttons, navigation; and the look at what is due.
"use strict";

const TABS = [
  { name: "alarm", title: "Alarm", icon: "alarm", tab: alarmTab },
  { name: "clock", title: "Clock", icon: "globe", tab: worldTab },
  { name: "timer", title: "Timer", icon: "timer", tab: timerTab },
  { name: "stopwatch", title: "Stopwatch", icon: "stopwatch", tab: stopwatchTab },
];

const shell = (() => {
  let current = null, title, content, round, bar;

  function build() {
    title = h("h1", { id: "title" });
    content = h("main", { class: "ui-body" });
    round = h("div", { class: "round-bar" });
    bar = h("nav", { class: "ui-bottom", role: "tablist" });
    return h("div", { class: "ui-screen has-bottom" }, h("header", { class: "ui-bar" }, h("div", { class: "titles" }, title)), content, round, bar);
  }

  function drawTabs() {
    fill(bar, TABS.map((entry) => h("button", {
      role: "tab", "aria-selected": String(entry === current), label: entry.title, id: `tab_menu_${entry.name}`, onclick: () => go(entry.name),
    }, h("span", { class: "pill" }, icon(entry.icon)), h("span", {}, entry.title))));
  }

  function buttons(list) {
    fill(round, list.map((entry) => h("button", {
      class: entry.small ? "round-button small" : "round-button", label: entry.label, onclick: entry.run,
    }, icon(entry.icon))));
  }

  async function go(name) {
    if (current) current.tab.hide();
    current = TABS.find((entry) => entry.name === name);
    title.textContent = current.title;
    content.className = `ui-body ${name}-tab`;
    content.scrollTop = 0;
    fill(content);
    drawTabs();
    if (name === "alarm") buttons([{ label: "Add alarm", icon: "add", run: alarmTab.add }]);
    if (name === "clock") buttons([{ label: "Add city", icon: "globe", run: worldTab.add }]);
    await current.tab.show(content);
  }

  function refresh() {
    return current.tab.refresh();
  }

  return { build, buttons, go, refresh, name: () => current && current.name, tab: () => current && current.tab };
})();

// Look at what became due since the last look. The tables are read only when something is due, after they changed, and when the clock
// was put back.
const watchful = (() => {
  let last = null, looking = false, wake = -Infinity;

  // When the next alarm rings or the next timer ends.
  async function next(now) {
    const due = (await alarms.all()).filter((alarm) => alarm.enabled).map((alarm) => alarms.next(alarm, now));
    const snoozed = (await alarms.instances()).filter((instance) => instance.state === "snoozed").map((instance) => instance.due_ms);
    const ends = (await timers.all()).filter((timer) => timer.state === "running").map((timer) => now + timers.left(timer, now));
    return Math.min(...due, ...snoozed, ...ends, Infinity);
  }

  function changed() {
    wake = -Infinity;
  }

  async function look() {
    const now = phone.now().getTime();
    if (looking) return;
    if (last !== null && now >= last && now < wake) {
      last = now;
      return;
    }
    looking = true;
    wake = Infinity;
    try {
      const since = last === null || now < last ? now : last;
      last = now;
      const rung = await alarms.ring(since, now);
      const expired = await timers.expire(now);
      for (const alarm of rung) await ringing.tell(alarm.label || "Alarm", dates.clockText(alarm.hour, alarm.minutes));
      for (const timer of expired) await ringing.tell("Time's up", timer.label || `${timers.lengthText(timer.length_ms)} timer`);
      if (rung.length || expired.length) {
        await shell.refresh();
        await ringing.update();
      }
      wake = Math.min(wake, await next(now));
    } finally {
      looking = false;
    }
  }

  return { look, changed };
})();

let minute = "";

async function tick() {
  const now = phone.now().getTime();
  for (const name of ["timer", "stopwatch"]) if (shell.name() === name) shell.tab().tick(now);
  await ringing.tick(now);
  await watchful.look();
  const next = dates.timeText(now);
  if (next === minute) return;
  minute = next;
  if (shell.name() === "clock" || shell.name() === "alarm") await shell.refresh();
}

async function receive({ action = "", extras = {} }) {
  const kind = action.split(".").pop();
  const given = extras || {};
  const text = (name) => given[`android.intent.extra.alarm.${name}`];
  if (kind === "SET_ALARM" && text("HOUR") !== undefined) {
    await alarms.add(Number(text("HOUR")), Number(text("MINUTES") || 0), { label: text("MESSAGE") || "" });
  }
  if (kind === "SET_TIMER" && text("LENGTH") !== undefined) {
    await timers.add(Number(text("LENGTH")) * 1000, text("MESSAGE") || "", text("SKIP_UI") === true);
  }
  if (kind.endsWith("ALARM") || kind.endsWith("ALARMS")) await shell.go("alarm");
  else if (kind.endsWith("TIMER") || kind.endsWith("TIMERS")) await shell.go("timer");
  else if (!shell.name()) await shell.go("clock");
}

phone.ready.then(async () => {
  await alarms.open();
  await timers.open();
  pages.push({ node: shell.build(), back: () => (ringing.shown() ? true : shell.tab().back ? shell.tab().back() : false), activity: "com.android.deskclock.DeskClock" });
  phone.onIntent(receive);
  onFiles([alarms.PATH, timers.PATH], async () => { watchful.changed(); await shell.refresh(); await ringing.update(); });
  await receive(phone.intent);
  await watchful.look();
  await ringing.update();
  phone.every(100, tick);
});
