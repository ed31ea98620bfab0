"use strict";
const ROOT = "/storage/emulated/0/Documents/Markor";
const ENDINGS = [".md", ".txt", "no ending"];
const isNote = (name) => /\.(md|txt|markdown|csv|log|json|html?)$/i.test(name) || !name.includes(".");
let settings;

const nameCheck = (folder, before = "") => async (name) => {
  const wanted = name.trim();
  return paths.fault(wanted) || (wanted !== before && (await phone.files.exists(paths.join(folder, wanted))) ? "This name is taken" : "");
};

function withEnding(name, ending) {
  const clean = name.trim();
  return ending === "no ending" || /\.(md|txt|markdown|csv)$/i.test(clean) ? clean : clean + ending;
}

async function createEntry(folder, text = "") {
  const made = await ask({
    title: "New file or folder", ok: "Create file", extra: "Folder",
    fields: [
      { name: "name", label: "Name", check: (name, values) => nameCheck(folder)(values.extra ? name : withEnding(name, name.trim() ? values.ending : "no ending")) },
      { name: "ending", label: "Ending", options: ENDINGS, value: settings.kept.ending },
    ],
  });
  if (!made) return;
  if (made.extra) {
    await phone.files.mkdir(paths.join(folder, made.name.trim()));
    return;
  }
  await settings.set({ ending: made.ending });
  const path = paths.join(folder, withEnding(made.name, made.ending));
  await phone.files.write(path, text);
  openEditor(path, { fresh: true });
}

async function renameEntry(path) {
  const folder = paths.folderOf(path);
  const name = paths.nameOf(path);
  const named = await ask({ title: "Rename", ok: "Rename", fields: [{ name: "name", label: "New name", value: name, check: nameCheck(folder, name) }] });
  if (!named || named.name.trim() === name) return "";
  const target = paths.join(folder, named.name.trim());
  await phone.files.move(path, target);
  return target;
}

async function deleteEntries(chosen) {
  const what = chosen.length === 1 ? paths.nameOf(chosen[0]) : `${chosen.length} items`;
  if (!(await ui.confirm({ title: "Delete?", text: what, yes: "Delete", danger: true }))) return false;
  for (const path of chosen) await phone.files.remove(path);
  phone.toast(chosen.length === 1 ? "Deleted" : `${chosen.length} items deleted`);
  return true;
}

async function moveEntries(chosen) {
  const folder = await pickFolder(ROOT, "Notes", "Move");
  const moved = [];
  if (!folder) return moved;
  for (const path of chosen) {
    if (paths.folderOf(path) === folder || folder === path || folder.startsWith(`${path}/`)) continue;
    const target = paths.join(folder, await paths.free(folder, paths.nameOf(path)));
    await phone.files.move(path, target);
    moved.push(target);
  }
  phone.toast(moved.length ? `Moved to ${folder === ROOT ? "Notes" : paths.nameOf(folder)}` : "Nothing was moved");
  return moved;
}

async function showInfo(path) {
  const entry = (await phone.files.list(paths.folderOf(path))).find((each) => each.name === paths.nameOf(path));
  if (!entry) return;
  const facts = [["Name", entry.name], ["Folder", paths.folderOf(path)], ["Changed", timeText(entry.mtime)]];
  if (!entry.folder) {
    const text = await phone.files.text(path);
    facts.push(["Size", paths.size(entry.size)], ["Words", String(text.split(/\s+/).filter(Boolean).length)], ["Lines", String(text ? text.split("\n").length : 0)]);
  }
  await showFacts("File info", facts);
}

function openFolder(folder) {
  const chosen = new Set();
  let entries = [];
  let search = null;
  const head = h("div");
  const list = h("div", { class: "scroll" });
  const add = h("button", { class: "ui-fab", label: "Create a new file or folder", id: "fab_add_new_item", onclick: () => createEntry(folder) }, icon("add"));

  async function read() {
    await phone.files.mkdir(ROOT);
    if (!(await phone.files.exists(folder))) {
      pages.close(page);
      return;
    }
    const wanted = search?.value.trim().toLowerCase();
    if (wanted) {
      entries = [];
      for (const entry of await paths.walk(folder, true)) {
        const hit = entry.name.toLowerCase().includes(wanted) || (!entry.folder && isNote(entry.name) && entry.size < 1e6 && (await phone.files.text(entry.path)).toLowerCase().includes(wanted));
        if (hit) entries.push(entry);
      }
    } else entries = (await phone.files.list(folder)).map((entry) => ({ ...entry, path: paths.join(folder, entry.name) }));
    entries.sort((one, two) => Number(two.folder) - Number(one.folder) || paths.SORTS[settings.kept.sort](one, two));
    for (const path of chosen) if (!entries.some((entry) => entry.path === path)) chosen.delete(path);
    draw();
  }

  function press(entry) {
    if (chosen.size) toggle(entry);
    else if (entry.folder) openFolder(entry.path);
    else openEditor(entry.path);
  }

  function toggle(entry) {
    if (!chosen.delete(entry.path)) chosen.add(entry.path);
    draw();
  }

  async function more(event) {
    const picked = await menu(event.currentTarget, ["Sort by", "Select all", "New folder", "Settings"]);
    if (picked === "Sort by") {
      const sort = await ui.choose({ title: "Sort by", options: Object.keys(paths.SORTS), value: settings.kept.sort });
      if (sort) await settings.set({ sort });
      await read();
    } else if (picked === "Select all") {
      for (const entry of entries) chosen.add(entry.path);
      draw();
    } else if (picked === "New folder") {
      const named = await ask({ title: "New folder", ok: "Create", fields: [{ name: "name", label: "Folder name", check: nameCheck(folder) }] });
      if (named) await phone.files.mkdir(paths.join(folder, named.name.trim()));
      await read();
    } else if (picked === "Settings") {
      const ending = await ui.choose({ title: "Ending of new files", options: ENDINGS, value: settings.kept.ending });
      if (ending) await settings.set({ ending });
    }
  }

  async function onChosen(work) {
    const done = await work([...chosen]);
    if (done === false) return;
    chosen.clear();
    await read();
  }

  async function moreChosen(event) {
    const one = chosen.size === 1 ? [...chosen][0] : "";
    const picked = await menu(event.currentTarget, [one && "Rename", "Move", one && "Share", one && "File info", "Select all"]);
    if (picked === "Rename") await onChosen(([path]) => renameEntry(path));
    else if (picked === "Move") await onChosen(moveEntries);
    else if (picked === "Share") await share({ path: one });
    else if (picked === "File info") await showInfo(one);
    else if (picked === "Select all") {
      for (const entry of entries) chosen.add(entry.path);
      draw();
    }
  }

  function drawHead() {
    if (chosen.size) {
      fill(head, chosenBar(chosen.size, () => { chosen.clear(); draw(); }, [iconButton("delete", "Delete", () => onChosen(deleteEntries)), iconButton("more", "More options", moreChosen)]));
    } else if (search) {
      if (!search.isConnected) fill(head, h("header", { class: "ui-bar" }, iconButton("back", "Close search", closeSearch), search));
    } else {
      fill(head, bar({ title: folder === ROOT ? "Notes" : paths.nameOf(folder), text: folder === ROOT ? "" : `Notes${folder.slice(ROOT.length, folder.lastIndexOf("/"))}`, back: folder === ROOT ? null : () => pages.back(),
        actions: [iconButton("search", "Search", openSearch), iconButton("more", "More options", more)] }));
    }
  }

  function openSearch() {
    search = h("input", { class: "bar-input", label: "Search notes", placeholder: "Search names and text", autocomplete: "off", oninput: read });
    drawHead();
    search.focus();
  }

  function closeSearch() {
    search = null;
    void read();
  }

  function draw() {
    drawHead();
    add.hidden = chosen.size > 0 || search !== null;
    const sign = (entry) => (entry.folder ? leadBox("folder", "folder") : leadBox("note"));
    const about = (entry) => (search?.value && paths.folderOf(entry.path) !== ROOT ? `${paths.folderOf(entry.path).slice(ROOT.length + 1)}, ` : "") + timeText(entry.mtime);
    fill(list, entries.length ? entries.map((entry) => fileRow({ lead: sign(entry), title: entry.name, text: about(entry), chosen: chosen.size ? chosen.has(entry.path) : null, onclick: () => press(entry), onlong: () => toggle(entry) }))
      : search ? nothing("search", search.value ? "Nothing found" : "Search", search.value ? "No note contains these words." : "") : nothing("note", "No notes here", "Tap + to write one."));
  }

  const page = {
    node: h("div", { class: "ui-screen" }, head, list, add),
    activity: "net.gsantner.markor.activity.MainActivity",
    shown: () => void read(),
    back() {
      if (chosen.size) chosen.clear();
      else if (search) search = null;
      else return false;
      void read();
      return true;
    },
    changed: (path) => { if (String(path).startsWith(folder)) void read(); },
  };
  pages.open(page);
}

async function obey(intent) {
  const path = paths.fromUri(intent?.data);
  if (path && (await phone.files.exists(path))) {
    if (pages.top.path?.() !== path) openEditor(path);
  } else if (intent?.action === "android.intent.action.SEND") {
    const text = intent.extras?.["android.intent.extra.TEXT"] ?? "";
    if (text) await createEntry(ROOT, text);
  }
}

async function begin() {
  await phone.ready;
  settings = memory({ sort: "Name, A to Z", ending: ".md" });
  await settings.load();
  phone.onBack(pages.back);
  openFolder(ROOT);
  phone.on("files", (path) => pages.top.changed?.(path));
  phone.onIntent(obey);
  await obey(phone.intent);
}

void begin();
