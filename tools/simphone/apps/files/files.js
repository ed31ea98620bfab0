"use strict";
const GALLERY = "com.simplemobiletools.gallery.pro";
const NOTES = "net.gsantner.markor";
const BROWSER = "com.android.chrome";
const KINDS = { Images: /^image\//, Videos: /^video\//, Audio: /^audio\//, Documents: /^(text\/|application\/(pdf|msword|vnd\.openxml))/ };
let settings;
let storageName = "Internal storage";

const signOf = (entry) => {
  if (entry.folder) return "folder";
  const kind = paths.type(entry.name);
  if (kind.startsWith("image/")) return "image";
  if (kind.startsWith("video/")) return "video";
  if (kind.startsWith("audio/")) return "music";
  if (kind === "application/zip" || kind.includes("package")) return "archive";
  if (kind === "text/html") return "globe";
  return kind.startsWith("text/") || kind === "application/pdf" ? "document" : "file";
};

// Pictures stand for themselves in lists; anything else has a sign.
const leadOf = (entry) => (/^image\//.test(paths.type(entry.name)) && !entry.folder && entry.size < 8e6
  ? h("span", { class: "lead-box" }, h("img", { src: phone.fileUrl(entry.path), alt: "", loading: "lazy" })) : leadBox(signOf(entry), entry.folder ? "folder" : ""));

const nameCheck = (folder, before = "") => async (name) => {
  const wanted = name.trim();
  return paths.fault(wanted) || (wanted !== before && (await phone.files.exists(paths.join(folder, wanted))) ? "This name is taken" : "");
};

async function view(target, path, mime) {
  const opened = await phone.start({ package: target || undefined, action: "android.intent.action.VIEW", data: paths.uri(path), type: mime, extras: { mime } });
  if (opened === false) phone.toast("No app can open this file");
}

function openWith(path) {
  const mime = paths.type(path);
  ui.sheet({ title: `Open ${paths.nameOf(path)} with`, items: [
    (mime === "text/html" || /^image\//.test(mime)) && { label: "Browser", icon: "globe", onclick: () => view(BROWSER, path, "text/html") },
    mime.startsWith("text/") && { label: "Notes", icon: "note", onclick: () => view(NOTES, path, "text/plain") },
    /^(image|video)\//.test(mime) && { label: "Gallery", icon: "image", onclick: () => view(GALLERY, path, mime) },
    { label: "File info", icon: "info", onclick: () => showInfo([path]) },
  ] });
}

async function openFile(path) {
  const mime = paths.type(path);
  if (mime === "text/html") openWith(path);
  else if (/^(image|video)\//.test(mime)) await view(GALLERY, path, mime);
  else if (mime.startsWith("audio/")) playSound(path);
  else if (mime.startsWith("text/") || mime === "application/json") await view(NOTES, path, "text/plain");
  else await view("", path, mime);
}

function playSound(path) {
  const sound = h("audio", { src: phone.fileUrl(path) });
  const state = h("p", { class: "sound" }, "Paused");
  const flip = () => (sound.paused ? sound.play().catch(() => { state.textContent = "This file cannot be played"; }) : sound.pause());
  for (const [event, text] of [["play", "Playing"], ["pause", "Paused"], ["ended", "Finished"], ["error", "This file cannot be played"]]) sound.addEventListener(event, () => { state.textContent = text; });
  ui.sheet({ title: paths.nameOf(path), content: h("div", {}, state, ui.button({ label: "Play or pause", icon: "play", kind: "filled", wide: true, onclick: flip }), sound) });
}

async function showInfo(chosen) {
  const entries = [];
  for (const path of chosen) entries.push({ ...(await phone.files.stat(path)), path, inside: null });
  for (const entry of entries) if (entry.folder) entry.inside = await paths.walk(entry.path);
  const bytes = entries.reduce((sum, entry) => sum + (entry.inside ? entry.inside.reduce((all, file) => all + file.size, 0) : entry.size), 0);
  const [first] = entries;
  const facts = entries.length > 1 ? [["Items", String(entries.length)], ["Size", paths.size(bytes)], ["Folder", paths.folderOf(first.path)]]
    : [["Name", paths.nameOf(first.path)], ["Type", first.folder ? "Folder" : paths.type(first.path)], ...(first.folder ? [["Files in it", String(first.inside.length)]] : []), ["Size", `${paths.size(bytes)} (${bytes} bytes)`], ["Changed", timeText(first.mtime)], ["Path", first.path]];
  await showFacts("File info", facts);
}

async function transfer(chosen, verb) {
  const folder = await pickFolder(paths.STORAGE, storageName, verb);
  if (!folder) return false;
  let count = 0;
  for (const path of chosen) {
    if (folder === path || folder.startsWith(`${path}/`)) {
      phone.toast("A folder cannot go into itself");
      continue;
    }
    if (verb === "Move" && paths.folderOf(path) === folder) continue;
    const target = paths.join(folder, await paths.free(folder, paths.nameOf(path)));
    await (verb === "Move" ? phone.files.move(path, target) : phone.files.copy(path, target));
    count += 1;
  }
  phone.toast(count ? `${verb === "Move" ? "Moved" : "Copied"} ${count === 1 ? "1 item" : `${count} items`} to ${folder === paths.STORAGE ? storageName : paths.nameOf(folder)}` : "Nothing was moved");
  return true;
}

async function remove(chosen) {
  const what = chosen.length === 1 ? `“${paths.nameOf(chosen[0])}” will be deleted for good.` : `${chosen.length} items will be deleted for good.`;
  if (!(await ui.confirm({ title: "Delete?", text: what, yes: "Delete", danger: true }))) return false;
  for (const path of chosen) await phone.files.remove(path);
  phone.toast(chosen.length === 1 ? "1 item deleted" : `${chosen.length} items deleted`);
  return true;
}

async function rename([path]) {
  const folder = paths.folderOf(path);
  const name = paths.nameOf(path);
  const named = await ask({ title: "Rename", ok: "Rename", fields: [{ name: "name", label: "Name", value: name, check: nameCheck(folder, name) }] });
  if (!named) return false;
  if (named.name.trim() !== name) await phone.files.move(path, paths.join(folder, named.name.trim()));
  return true;
}

function browse(folder) {
  const chosen = new Set();
  let entries = [];
  let search = null;
  let kind = "";
  let turn = 0;
  const head = h("div");
  const list = h("div", { class: "scroll", id: "dir_list" });

  async function read() {
    const mine = ++turn;
    if (!(await phone.files.exists(folder))) return void pages.close(page);
    const wanted = search?.value.trim().toLowerCase() ?? "";
    let found;
    if (wanted || kind) found = (await paths.walk(folder, !kind)).filter((entry) => entry.name.toLowerCase().includes(wanted) && (!kind || KINDS[kind].test(paths.type(entry.name))));
    else found = (await phone.files.list(folder)).map((entry) => ({ ...entry, path: paths.join(folder, entry.name) }));
    if (mine !== turn) return;
    if (!settings.kept.hidden) found = found.filter((entry) => !entry.path.slice(folder.length).includes("/."));
    entries = found.sort((one, two) => Number(two.folder) - Number(one.folder) || paths.SORTS[settings.kept.sort](one, two));
    for (const path of chosen) if (!entries.some((entry) => entry.path === path)) chosen.delete(path);
    draw();
  }

  const clear = () => { chosen.clear(); draw(); };
  const all = () => { for (const entry of entries) chosen.add(entry.path); draw(); };

  function toggle(entry) {
    if (!chosen.delete(entry.path)) chosen.add(entry.path);
    draw();
  }

  function press(entry) {
    if (chosen.size) toggle(entry);
    else if (entry.folder) browse(entry.path);
    else openFile(entry.path);
  }

  async function apply(work) {
    if ((await work([...chosen])) === false) return;
    chosen.clear();
    await read();
  }

  async function more(event) {
    const picked = await menu(event.currentTarget, ["New folder", "Sort by", "Select all", settings.kept.hidden ? "Hide hidden files" : "Show hidden files"]);
    if (picked === "New folder") {
      const named = await ask({ title: "New folder", ok: "Create", fields: [{ name: "name", label: "Folder name", value: "", check: nameCheck(folder) }] });
      if (named) await phone.files.mkdir(paths.join(folder, named.name.trim()));
    } else if (picked === "Sort by") {
      const sort = await ui.choose({ title: "Sort by", options: Object.keys(paths.SORTS), value: settings.kept.sort });
      if (sort) await settings.set({ sort });
    } else if (picked === "Select all") return all();
    else if (picked) await settings.set({ hidden: !settings.kept.hidden });
    if (picked) await read();
  }

  async function moreChosen(event) {
    const one = chosen.size === 1 ? entries.find((entry) => chosen.has(entry.path)) : null;
    const picked = await menu(event.currentTarget, [one && !one.folder && "Open with", "Copy to", "Move to", one && "Rename", one && !one.folder && "Share", "File info", "Select all"]);
    if (picked === "Open with") openWith(one.path);
    else if (picked === "Copy to") await apply((some) => transfer(some, "Copy"));
    else if (picked === "Move to") await apply((some) => transfer(some, "Move"));
    else if (picked === "Rename") await apply(rename);
    else if (picked === "Share") await share({ path: one.path });
    else if (picked === "File info") await showInfo([...chosen]);
    else if (picked === "Select all") all();
  }

  function crumbs() {
    const parts = folder.slice(paths.STORAGE.length).split("/").filter(Boolean);
    const line = h("nav", { class: "crumbs", label: "Breadcrumbs" }, [storageName, ...parts].map((name, depth) => [
      depth ? icon("chevron-right", 18) : null,
      h("button", { class: "crumb", disabled: depth === parts.length, onclick: () => goTo([paths.STORAGE, ...parts.slice(0, depth)].join("/")) }, name)]));
    setTimeout(() => { line.scrollLeft = line.scrollWidth; }, 0);
    return line;
  }

  function drawHead() {
    if (chosen.size) fill(head, chosenBar(chosen.size, clear, [iconButton("delete", "Delete", () => apply(remove)), iconButton("more", "More options", moreChosen)]), crumbs());
    else if (search) {
      if (!search.isConnected) fill(head, h("header", { class: "ui-bar" }, iconButton("back", "Close search", () => page.back()), search));
    } else {
      const title = folder === paths.STORAGE ? "Files" : paths.nameOf(folder);
      fill(head, bar({ title, back: folder === paths.STORAGE ? null : () => pages.back(), actions: [iconButton("search", "Search", openSearch), iconButton("more", "More options", more)] }), crumbs(),
        folder === paths.STORAGE ? h("div", { class: "chip-line" }, Object.keys(KINDS).map((name) => ui.chip({ label: name, checked: kind === name, onclick: () => { kind = kind === name ? "" : name; read(); } }))) : null);
    }
  }

  function openSearch() {
    search = h("input", { class: "bar-input", label: "Search", placeholder: `Search ${folder === paths.STORAGE ? storageName : paths.nameOf(folder)}`, autocomplete: "off", spellcheck: "false", oninput: read });
    drawHead();
    search.focus();
  }

  function draw() {
    drawHead();
    const about = (entry) => (search?.value || kind ? `${paths.folderOf(entry.path).slice(paths.STORAGE.length + 1) || storageName}, ` : "") + (entry.folder ? timeText(entry.mtime) : `${paths.size(entry.size)}, ${timeText(entry.mtime)}`);
    fill(list, entries.length ? entries.map((entry) => fileRow({ lead: leadOf(entry), title: entry.name, text: about(entry), chosen: chosen.size ? chosen.has(entry.path) : null, onclick: () => press(entry), onlong: () => toggle(entry) }))
      : search || kind ? nothing("search", "Nothing found") : nothing("folder", "No items"));
  }

  const page = {
    node: h("div", { class: "ui-screen" }, head, list),
    folder,
    activity: "com.android.documentsui.files.FilesActivity",
    shown: read,
    back() {
      if (chosen.size) chosen.clear();
      else if (search) search = null;
      else if (kind) kind = "";
      else return false;
      read();
      return true;
    },
    changed: (path) => { if (String(path).startsWith(folder)) read(); },
  };
  pages.open(page);
}

// Show a folder with all those above it behind it.
function goTo(folder) {
  while (pages.stack.length > 1 && pages.top.folder !== folder) pages.close();
  if (pages.top.folder === folder) return;
  const parts = folder.slice(paths.STORAGE.length).split("/").filter(Boolean);
  parts.forEach((_, depth) => browse([paths.STORAGE, ...parts.slice(0, depth + 1)].join("/")));
}

async function obey(intent) {
  const path = /VIEW_DOWNLOADS/.test(intent?.action ?? "") ? `${paths.STORAGE}/Download` : paths.fromUri(intent?.data).replace(/^\/(sdcard|mnt\/sdcard|storage\/self\/primary)(?=\/|$)/, paths.STORAGE);
  if (!path.startsWith(paths.STORAGE) || !(await phone.files.exists(path))) return;
  const entry = await phone.files.stat(path);
  goTo((entry.folder ? path : paths.folderOf(path)).replace(/\/$/, ""));
}

async function begin() {
  await phone.ready;
  storageName = phone.props()["ro.product.model"] || storageName;
  settings = memory({ sort: "Name, A to Z", hidden: false });
  await settings.load();
  phone.onBack(pages.back);
  browse(paths.STORAGE);
  phone.on("files", (path) => pages.top.changed?.(path));
  phone.onIntent(obey);
  await obey(phone.intent);
}

begin();
