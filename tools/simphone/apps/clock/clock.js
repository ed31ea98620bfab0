// The app around its four tabs: title, content, round buttons, navigation; and the look at what is due.
"use strict";

const TABS = [
  { name: "alarm", title: "Alarm", icon: icons.alarm, tab: alarmTab },
  { name: "clock", title: "Clock", icon: icons.world, tab: worldTab },
  { name: "timer", title: "Timer", icon: icons.timer, tab: timerTab },
  { name: "stopwatch", title: "Stopwatch", icon: icons.stopwatch, tab: stopwatchTab },
];

const shell = (() => {
  let current = null, title, content, round, bar;

  function build() {
    title = h("h1", { class: "title" });
    content = h("main", { class: "content scroll" });
    round = h("div", { class: "round-bar" });
    bar = h("nav", { class: "tabs", role: "tablist" });
    fill(document.body, h("div", { class: "page" }, h("header", { class: "bar" }, title), content, round, bar));
  }

  function drawTabs() {
    fill(bar, TABS.map((entry) => h("button", {
      class: entry === current ? "tab on" : "tab", role: "tab", "aria-selected": String(entry === current), "data-id": `tab_menu_${entry.name}`,
      onclick: () => go(entry.name),
    }, svg(entry.icon), h("span", {}, entry.title))));
  }

  function buttons(list) {
    fill(round, list.map((entry) => h("button", {
      class: entry.small ? "round-button small" : "round-button", label: entry.label, onclick: entry.run,
    }, svg(entry.icon))));
  }

  async function go(name) {
    if (current) current.tab.hide();
    current = TABS.find((entry) => entry.name === name);
    title.textContent = current.title;
    content.className = `content scroll ${name}`;
    content.scrollTop = 0;
    fill(content);
    drawTabs();
    if (name === "alarm") buttons([{ label: "Add alarm", icon: icons.plus, run: alarmTab.add }]);
    if (name === "clock") buttons([{ label: "Add city", icon: icons.globe, run: worldTab.add }]);
    await current.tab.show(content);
  }

  function refresh() {
    return current.tab.refresh();
  }

  return { build, buttons, go, refresh, name: () => current && current.name, tab: () => current && current.tab };
})();
