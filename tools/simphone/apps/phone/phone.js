// The app: three tabs and a button for the keypad; DIAL and CALL intents; the call that is going on above all.
"use strict";

const MAIN_ACTIVITY = "com.google.android.dialer.extensions.GoogleDialtactsActivity";
const TABS = [
  { name: "favorites", title: "Favorites", icon: icons.star, draw: favouritesTab },
  { name: "recents", title: "Recents", icon: icons.history, draw: recentsTab },
  { name: "contacts", title: "Contacts", icon: icons.people, draw: contactsTab },
];

function place(number) {
  return phone.call(number);
}

const app = (() => {
  let current = TABS[1], content, bar, page;

  function build() {
    content = h("main", { class: "scroll grow" });
    bar = h("nav", { class: "tabs", role: "tablist" });
    page = h("div", { class: "page" },
      h("header", { class: "bar" }, h("h1", { class: "title" }, "Phone"), h("button", { class: "icon-button", label: "More options", onclick: more }, svg(icons.more))),
      content,
      h("button", { class: "round-button fab above-tabs", label: "key pad", "data-id": "fab", onclick: () => pages.push(keypadPage()) }, svg(icons.keypad)),
      bar);
    return { node: page, refresh, activity: MAIN_ACTIVITY };
  }

  function drawTabs() {
    fill(bar, TABS.map((tab) => h("button", { class: tab === current ? "tab on" : "tab", role: "tab", "aria-selected": String(tab === current), onclick: () => go(tab) }, svg(tab.icon), h("span", {}, tab.title))));
  }

  async function go(tab) {
    current = tab;
    drawTabs();
    content.scrollTop = 0;
    await refresh();
  }

  async function refresh() {
    await current.draw(content);
  }

  async function more(event) {
    const picked = await ui.menu(event.currentTarget, ["Clear call history"]);
    if (picked && (await confirm("Clear call history?", "This deletes all calls from your history.", "Clear"))) {
      await calls.clear();
      await refresh();
    }
  }

  async function called() {
    phone.activity(MAIN_ACTIVITY);
    await pages.popToRoot();
    await go(TABS[1]);
  }

  return { build, go, refresh, called, drawTabs };
})();
