"use strict";
const TILES = [
  ["http://news.example/", "News"], ["http://encyclopaedia.example/", "Articles"],
  ["http://search.example/", "Search"], ["http://forms.example/", "Contact form"],
];
const MAIN = "com.google.android.apps.chrome.Main";
let panelOpen = null;

function toPage(message) {
  tabs.front?.frame?.contentWindow?.postMessage(message, "*");
}

function draw() {
  const tab = tabs.front;
  if (!tab) return;
  if (document.activeElement !== at("address")) at("address").value = tab.url ? shortAddress(tab.url) : "";
  at("lock").innerHTML = tab.url ? sign(tab.url.startsWith("https:") ? "lock" : "info") : sign("search");
  at("count").textContent = String(tabs.all.length);
  at("tabs").setAttribute("aria-label", `Switch tabs, ${tabs.all.length} open`);
  at("progress").hidden = !tab.loading;
  if (!tab.url) void drawStart();
}

async function drawStart() {
  const marked = await store.bookmarks();
  const tile = ([url, title]) => make("button", { class: "tile", onclick: () => open(url) }, badge(url), make("span", { text: title }));
  at("start").replaceChildren(
    make("h1", { text: "Browser" }),
    make("button", { class: "ask", onclick: () => at("address").focus(), html: `${sign("search")}<span>Search or type web address</span>` }),
    make("div", { class: "tiles" }, ...TILES.map(tile)),
    marked.length ? make("h2", { text: "Bookmarks" }) : null,
    ...marked.slice(0, 6).map((row) => line({ title: row.title, text: shortAddress(row.url), url: row.url, onclick: () => open(row.url) })),
  );
}

function line({ title, text, url, onclick, onremove, removeLabel }) {
  return make("div", { class: "line" },
    make("button", { class: "go", onclick }, badge(url), make("span", { class: "two" }, make("b", { text: title || text }), make("i", { text }))),
    onremove ? make("button", { class: "round", "aria-label": removeLabel, html: sign("close"), onclick: onremove }) : null);
}

function open(url) {
  closePanel();
  leaveAddress();
  if (url) tabs.go(tabs.front, url);
}

function leaveAddress() {
  at("suggestions").hidden = true;
  at("wipe").hidden = true;
  document.body.classList.remove("typing");
  at("address").blur();
  draw();
}

async function suggest() {
  const text = at("address").value.trim();
  const wanted = text === tabs.front.url ? "" : text;
  const rows = await store.suggest(wanted);
  if (document.activeElement !== at("address")) return;
  const first = wanted ? [make("button", { class: "guess", onclick: () => open(addressFor(wanted)) }, make("span", { class: "sign", html: sign(addressFor(wanted).startsWith("http://search.example/?") ? "search" : "globe") }), make("span", { class: "two" }, make("b", { text: wanted }), make("i", { text: addressFor(wanted).startsWith("http://search.example/?") ? "Search" : "Go to this address" })))] : [];
  const others = rows.slice(0, 8).map((row) => make("button", { class: "guess", onclick: () => open(row.url) }, make("span", { class: "sign", html: sign(row.marked ? "star" : "clock") }), make("span", { class: "two" }, make("b", { text: row.title }), make("i", { text: shortAddress(row.url) }))));
  at("suggestions").replaceChildren(...first, ...others);
  at("wipe").hidden = !at("address").value;
}

function enterAddress() {
  document.body.classList.add("typing");
  at("address").value = tabs.front.url;
  at("address").select();
  at("suggestions").hidden = false;
  void suggest();
}

// Full screens over the page: tabs, history, bookmarks.
function showPanel(name, activity, title, actions, ...body) {
  panelOpen = name;
  void phone.activity(activity);
  at("panel").replaceChildren(
    make("header", { class: "bar" }, make("button", { class: "round", "aria-label": "Back", html: sign("back"), onclick: closePanel }), make("h1", { text: title }), ...actions),
    make("div", { class: "scroll" }, ...body));
  at("panel").hidden = false;
}

function closePanel() {
  if (!panelOpen) return false;
  panelOpen = null;
  at("panel").hidden = true;
  void phone.activity(MAIN);
  draw();
  return true;
}

function showTabs() {
  const card = (tab) => make("div", { class: tab === tabs.front ? "card on" : "card" },
    make("button", { class: "go", "aria-label": `${tab.title || shortAddress(tab.url) || "New tab"}, tab`, onclick: () => { closePanel(); tabs.show(tab); } },
      badge(tab.url || "New tab"), make("span", { class: "two" }, make("b", { text: tab.title || shortAddress(tab.url) || "New tab" }), make("i", { text: shortAddress(tab.url) || "Start page" }))),
    make("button", { class: "round", "aria-label": `Close ${tab.title || shortAddress(tab.url) || "New tab"}`, html: sign("close"), onclick: async () => { await tabs.close(tab); showTabs(); } }));
  const add = make("button", { class: "round", "aria-label": "New tab", html: sign("plus"), onclick: async () => { closePanel(); await tabs.add(); } });
  const all = make("button", { class: "word", text: "Close all", onclick: async () => { for (const tab of [...tabs.all]) await tabs.close(tab); closePanel(); } });
  showPanel("tabs", "org.chromium.chrome.browser.ChromeTabbedActivity", `${tabs.all.length} ${tabs.all.length === 1 ? "tab" : "tabs"}`, [add, all], ...tabs.all.map(card));
}

async function showHistory() {
  const list = make("div");
  const search = make("input", { class: "search", placeholder: "Search history", "aria-label": "Search history", autocomplete: "off" });
  const fill = async () => {
    const rows = await store.history(search.value.trim());
    let day = "";
    list.replaceChildren();
    for (const row of rows) {
      const date = phone.format(new Date(row.visited), { weekday: "long", day: "numeric", month: "long", year: "numeric" });
      if (date !== day) list.append(make("h2", { text: date }));
      day = date;
      const time = phone.format(new Date(row.visited), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      list.append(line({ title: row.title, text: `${time}  ${shortAddress(row.url)}`, url: row.url, onclick: () => open(row.url), removeLabel: `Remove ${row.title}`, onremove: async () => { await store.forget(row._id); await fill(); } }));
    }
    if (!rows.length) list.append(make("p", { class: "none", text: search.value ? "No page in your history matches" : "Pages that you visit will be listed here" }));
  };
  search.addEventListener("input", fill);
  const clear = make("button", { class: "word", text: "Clear all", onclick: () => ask("Clear the whole history?", "Clear", async () => { await store.forgetAll(); await fill(); }) });
  showPanel("history", "org.chromium.chrome.browser.history.HistoryActivity", "History", [clear], search, list);
  await fill();
}

async function showBookmarks() {
  const rows = await store.bookmarks();
  const body = rows.map((row) => line({ title: row.title, text: shortAddress(row.url), url: row.url, onclick: () => open(row.url), removeLabel: `Remove ${row.title}`, onremove: async () => { await store.unmark(row.url); await showBookmarks(); } }));
  if (!rows.length) body.push(make("p", { class: "none", text: "Pages that you mark with a star will be listed here" }));
  showPanel("bookmarks", "org.chromium.chrome.browser.bookmarks.BookmarkActivity", "Bookmarks", [], ...body);
}

function ask(text, word, work) {
  at("menu-list").replaceChildren(make("p", { class: "question", text }), make("div", { class: "answers" },
    make("button", { class: "word", text: "Cancel", onclick: closeMenu }),
    make("button", { class: "word", text: word, onclick: () => { closeMenu(); void work(); } })));
  document.body.classList.add("asking");
  at("shade").hidden = false;
}

function closeMenu() {
  at("shade").hidden = true;
  document.body.classList.remove("asking");
}

async function showMenu() {
  const tab = tabs.front;
  const marked = tab.url ? await store.isBookmark(tab.url) : false;
  const act = (work) => () => { closeMenu(); void work(); };
  const signButton = (name, label, able, work, on = false) => make("button", { class: on ? "round on" : "round", "aria-label": label, disabled: !able, html: sign(name), onclick: act(work) });
  const entry = (text, work, able = true) => make("button", { class: "entry", role: "menuitem", text, disabled: !able, onclick: act(work) });
  const flip = async () => {
    if (marked) await store.unmark(tab.url);
    else await store.mark(tab.url, tab.title);
    phone.toast(marked ? "Bookmark removed" : "Bookmark added");
    draw();
  };
  at("menu-list").replaceChildren(
    make("div", { class: "signs" },
      signButton("back", "Back", tab.place > 0, () => tabs.step(tab, -1)), signButton("forward", "Forward", tab.place < tab.trail.length - 1, () => tabs.step(tab, 1)),
      signButton("star", marked ? "Remove bookmark" : "Bookmark this page", tab.url, flip, marked), signButton("reload", "Reload", tab.url, () => tabs.reload(tab))),
    entry("New tab", () => tabs.add()), entry("Close tab", () => tabs.close(tab)), entry("History", showHistory), entry("Bookmarks", showBookmarks),
    entry("Find in page", showFinder, Boolean(tab.url)), entry("Copy address", () => { phone.clipboard.set(tab.url); phone.toast("Address copied"); }, Boolean(tab.url)),
entry("Share", () => shareTab(tab), Boolean(tab.url)));
  at("shade").hidden = false;
}

function shareTab(tab) {
  const send = (target) => phone.start({ package: target, action: "android.intent.action.SEND", extras: { "android.intent.extra.TEXT": tab.url, "android.intent.extra.SUBJECT": tab.title, mime: "text/plain" } });
  ui.sheet({ title: "Share", items: [
    { label: "Copy to clipboard", icon: "copy", onclick: () => { phone.clipboard.set(tab.url); phone.toast("Copied to clipboard"); } },
    { label: "Messages", icon: "message", onclick: () => send("com.simplemobiletools.smsmessenger") }, { label: "Notes", icon: "note", onclick: () => send("net.gsantner.markor") },
  ] });
}

function showFinder() {
  at("finder").hidden = false;
  at("found").textContent = "";
  at("find").value = "";
  at("find").focus();
}

function closeFinder() {
  if (at("finder").hidden) return false;
  at("finder").hidden = true;
  toPage({ toPage: "forget" });
  return true;
}

const HEARD = {
  start: (tab, said) => tabs.began(tab, said),
  title: (tab, said) => tabs.titled(tab, said),
  load(tab, said) {
    tab.loading = false;
    tabs.titled(tab, said);
    tabs.onChange();
  },
  open: (tab, said) => (said.target && /^(https?|file):/.test(outer(said.target)) ? tabs.add(outer(said.target)) : phone.toast("Pop-up blocked")),
  outside: (tab, said) => phone.start({ action: said.target.startsWith("tel:") ? "android.intent.action.DIAL" : said.target.startsWith("sms") || said.target.startsWith("mailto") ? "android.intent.action.SENDTO" : "android.intent.action.VIEW", data: said.target }),
  found: (tab, said) => { at("found").textContent = `${said.current}/${said.count}`; },
  async ask(tab, said) {
    const fields = said.kind === "prompt" ? [{ name: "text", label: "Answer", value: said.value, autofocus: true }] : [];
    const buttons = said.kind === "alert" ? ["OK"] : ["Cancel", "OK"];
    const answer = await ui.dialog({ title: `${siteOf(tab.url)} says`, text: said.text, fields, buttons });
    if (said.kind !== "alert" && answer?.button === "OK") toPage({ toPage: "answer", kind: said.kind, text: said.text, value: said.kind === "prompt" ? answer.values.text : true });
  },
  async pick(tab, said) {
    let value = null;
    if (said.kind === "select") {
      const options = said.options.map((text, place) => ({ value: place, title: text })).filter((option) => option.title);
      value = await ui.choose({ title: said.heading, options, value: said.value });
    } else if (said.kind === "date") {
      const [year, month, day] = said.value.split("-").map(Number);
      const chosen = await ui.datePicker(year ? { year, month, day } : undefined);
      if (chosen) value = `${String(chosen.year).padStart(4, "0")}-${String(chosen.month).padStart(2, "0")}-${String(chosen.day).padStart(2, "0")}`;
    } else {
      const [hour, minute] = said.value.split(":").map(Number);
      const chosen = await ui.timePicker({ hour: hour || 0, minute: minute || 0 });
      if (chosen) value = `${String(chosen.hour).padStart(2, "0")}:${String(chosen.minute).padStart(2, "0")}`;
    }
    if (value !== null) toPage({ toPage: "picked", value });
  },
  async download(tab, said) {
    const folder = "/storage/emulated/0/Download";
    const name = (said.name || "download").replace(/[/\u0000-\u001f]/g, "_").slice(0, 120);
    const dot = name.lastIndexOf(".") > 0 ? name.lastIndexOf(".") : name.length;
    let path = `${folder}/${name}`;
    for (let more = 1; await phone.files.exists(path); more += 1) path = `${folder}/${name.slice(0, dot)} (${more})${name.slice(dot)}`;
    await phone.files.writeBytes(path, said.bytes);
    phone.toast(`Downloaded ${path.slice(folder.length + 1)}`);
  },
};

function hear(event) {
  const tab = tabs.of(event.source);
  const said = event.data;
  if (!tab || typeof said !== "object" || said === null || !Object.hasOwn(HEARD, said.page)) return;
  void HEARD[said.page](tab, { ...said, url: String(said.url), title: String(said.title ?? "").slice(0, 300) });
}

function back() {
  // What the kit draws over the app is the kit's to close.
  if (document.querySelector(".ui-scrim")) return false;
  if (!at("shade").hidden) closeMenu();
  else if (document.body.classList.contains("typing")) leaveAddress();
  else if (closePanel() || closeFinder() || tabs.step(tabs.front, -1)) return true;
  else return false;
  return true;
}

async function obey(intent) {
  const query = intent?.extras?.query;
  const data = intent?.data || (intent?.action === "android.intent.action.WEB_SEARCH" && query ? addressFor(query) : "");
  if (!data || !/^(https?|file):/i.test(data)) return;
  closePanel();
  closeMenu();
  if (tabs.front && !tabs.front.url) tabs.go(tabs.front, data);
  else await tabs.add(data);
}

async function begin() {
  for (const [id, name] of [["home", "home"], ["menu", "more"], ["wipe", "close"], ["find-up", "up"], ["find-down", "down"], ["find-close", "close"]]) at(id).innerHTML = sign(name);
  await phone.ready;
  await store.prepare();
  tabs.onChange = draw;
  window.addEventListener("message", hear);
  at("home").addEventListener("click", () => { if (tabs.front.url) { tabs.go(tabs.front, ""); tabs.show(tabs.front); } });
  at("tabs").addEventListener("click", showTabs);
  at("menu").addEventListener("click", showMenu);
  at("shade").addEventListener("click", (event) => { if (event.target === at("shade")) closeMenu(); });
  at("address").addEventListener("focus", enterAddress);
  at("address").addEventListener("input", suggest);
  at("address").addEventListener("keydown", (event) => { if (event.key === "Enter" && at("address").value.trim()) open(addressFor(at("address").value)); });
  at("wipe").addEventListener("pointerdown", (event) => event.preventDefault());
  at("wipe").addEventListener("click", () => { at("address").value = ""; at("address").focus(); void suggest(); });
  at("pages").addEventListener("pointerdown", () => { if (document.body.classList.contains("typing")) leaveAddress(); });
  at("find").addEventListener("input", () => toPage({ toPage: "find", text: at("find").value, step: 0 }));
  at("find").addEventListener("keydown", (event) => { if (event.key === "Enter") toPage({ toPage: "find", text: at("find").value, step: 1 }); });
  at("find-down").addEventListener("click", () => toPage({ toPage: "find", text: at("find").value, step: 1 }));
  at("find-up").addEventListener("click", () => toPage({ toPage: "find", text: at("find").value, step: -1 }));
  at("find-close").addEventListener("click", closeFinder);
  phone.onBack(back);
  phone.on("download", (path) => phone.toast(`Downloaded ${path.slice(path.lastIndexOf("/") + 1)}`));
  await tabs.restore();
  phone.onIntent(obey);
  await obey(phone.intent);
}

void begin();
