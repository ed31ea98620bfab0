// The app: three tabs and a button for the keypad; DIAL and CALL intents; the call that is going on above all.
"use strict";

const MAIN_ACTIVITY = "com.google.android.dialer.extensions.GoogleDialtactsActivity";
const TABS = [
  { name: "favorites", title: "Favorites", icon: "star", draw: favouritesTab },
  { name: "recents", title: "Recents", icon: "history", draw: recentsTab },
  { name: "contacts", title: "Contacts", icon: "people", draw: contactsTab },
];

function place(number) {
  return phone.call(number);
}

const app = (() => {
  let current = TABS[1], content, bar;

  function build() {
    content = h("main", { class: "ui-body has-fab" });
    bar = h("nav", { class: "ui-bottom", role: "tablist" });
    const page = h("div", { class: "ui-screen has-bottom" },
      h("header", { class: "ui-bar" }, h("div", { class: "titles" }, h("h1", {}, "Phone")), ui.iconButton({ icon: "more", label: "More options", onclick: more })),
      content,
      h("button", { class: "ui-fab", label: "key pad", "data-id": "fab", onclick: () => pages.push(keypadPage()) }, icon("dialpad")),
      bar);
    return { node: page, refresh, activity: MAIN_ACTIVITY };
  }

  function drawTabs() {
    fill(bar, TABS.map((tab) => h("button", { role: "tab", "aria-selected": String(tab === current), label: tab.title, onclick: () => go(tab) }, h("span", { class: "pill" }, icon(tab.icon)), h("span", {}, tab.title))));
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
    const picked = await menu(event.currentTarget, ["Clear call history"]);
    if (picked && (await confirm("Clear call history?", "This deletes all calls from your history.", "Clear"))) {
      await calls.clear();
      await refresh();
    }
  }

  // A call ended: show the log, or what was in front before the call came in.
  async function called(over) {
    await pages.reset(root);
    await go(TABS[1]);
    if (over) await phone.leave();
  }

  return { build, go, refresh, called, drawTabs };
})();

// The number of `tel:555-0100`.
function numberOf(address) {
  return address.startsWith("tel:") ? decodeURIComponent(address.slice(4)).trim() : "";
}

async function receive({ action = "", data = "" }) {
  const kind = action.split(".").pop();
  const number = numberOf(data || "");
  if (kind === "DIAL" || (kind === "VIEW" && number)) {
    await pages.reset(root, keypadPage(number));
  } else if (!pages.depth) await pages.reset(root);
}

let root;

phone.ready.then(async () => {
  root = app.build();
  app.drawTabs();
  phone.onIntent(receive);
  phone.on("call", () => incall.update());
  phone.every(1000, incall.tick);
  onFiles([people.CALLS, people.CONTACTS], () => pages.refresh());
  phone.onBack(() => incall.shown());
  onFront(() => pages.refresh());
  await receive(phone.intent);
  await incall.update();
});
