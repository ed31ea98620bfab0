"use strict";
const DATABASE = "/data/data/com.simplemobiletools.gallery.pro/databases/gallery.db";
const ACTIVITIES = "com.simplemobiletools.gallery.pro.activities.";
const isMedia = (name) => /^(image|video)\//.test(paths.type(name));
const isFilm = (name) => /^video\//.test(paths.type(name));
let settings;

const favourites = {
  all: async () => new Set((await phone.sql(DATABASE, "SELECT full_path FROM favorites")).map((row) => row.full_path)),
  add: (path) => phone.sql(DATABASE, "INSERT OR IGNORE INTO favorites (full_path, filename, parent_path) VALUES (?, ?, ?)", [path, paths.nameOf(path), paths.folderOf(path)]),
  drop: (path) => phone.sql(DATABASE, "DELETE FROM favorites WHERE full_path = ?", [path]),
  move: (from, to) => phone.sql(DATABASE, "UPDATE OR REPLACE favorites SET full_path = ?, filename = ?, parent_path = ? WHERE full_path = ?", [to, paths.nameOf(to), paths.folderOf(to), from]),
};

// When a picture was taken: a camera writes it into the name; else the file's own time. In seconds, of the phone's zone near enough to sort by.
function takenAt(entry) {
  const match = /(20\d\d)(\d\d)(\d\d)[_-](\d\d)(\d\d)(\d\d)/.exec(entry.name);
  if (!match) return entry.mtime;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

const MEDIA_SORTS = {
  "Newest first": (one, two) => takenAt(two) - takenAt(one) || one.name.localeCompare(two.name),
  "Oldest first": (one, two) => takenAt(one) - takenAt(two) || one.name.localeCompare(two.name),
  "Name, A to Z": paths.SORTS["Name, A to Z"],
  "Name, Z to A": paths.SORTS["Name, Z to A"],
  "Largest first": paths.SORTS["Largest first"],
};

async function allMedia() {
  const found = [];
  for (const entry of await paths.walk(paths.STORAGE)) if (isMedia(entry.name) && !entry.path.includes("/.") && !entry.path.startsWith(`${paths.STORAGE}/Android/`)) found.push(entry);
  return found.sort(MEDIA_SORTS[settings.kept.sort]);
}

// Pictures by the folder that they lie in.
async function albums() {
  const byFolder = new Map();
  for (const entry of await allMedia()) {
    const folder = paths.folderOf(entry.path);
    if (!byFolder.has(folder)) byFolder.set(folder, []);
    byFolder.get(folder).push(entry);
  }
  return [...byFolder].map(([folder, media]) => ({ folder, media, name: paths.nameOf(folder) === "0" ? "Internal" : paths.nameOf(folder) })).sort((one, two) => one.name.localeCompare(two.name, "en", { numeric: true }));
}

async function deleteMedia(chosen) {
  const text = chosen.length === 1 ? `“${paths.nameOf(chosen[0])}” will be deleted for good.` : `${chosen.length} items will be deleted for good.`;
  if (!(await ui.confirm({ title: "Delete?", text, yes: "Delete", danger: true }))) return false;
  for (const path of chosen) {
    await phone.files.remove(path);
    await favourites.drop(path);
  }
  phone.toast(chosen.length === 1 ? "1 item deleted" : `${chosen.length} items deleted`);
  return true;
}

async function renameMedia(path) {
  const folder = paths.folderOf(path);
  const name = paths.nameOf(path);
  const [stem, ending] = paths.split(name);
  const check = async (text) => {
    const wanted = text.trim() && text.trim() + ending;
    return paths.fault(wanted) || (wanted !== name && (await phone.files.exists(paths.join(folder, wanted))) ? "This name is taken" : "");
  };
  const named = await ask({ title: "Rename", ok: "Rename", fields: [{ name: "name", label: `Name (${ending} stays)`, value: stem, check }] });
  if (!named || named.name.trim() === stem) return path;
  const target = paths.join(folder, named.name.trim() + ending);
  await phone.files.move(path, target);
  await favourites.move(path, target);
  return target;
}

async function transferMedia(chosen, verb) {
  const folder = await pickFolder(paths.STORAGE, "Internal storage", verb);
  if (!folder) return false;
  for (const path of chosen) {
    if (verb === "Move" && paths.folderOf(path) === folder) continue;
    const target = paths.join(folder, await paths.free(folder, paths.nameOf(path)));
    if (verb === "Move") {
      await phone.files.move(path, target);
      await favourites.move(path, target);
    } else await phone.files.copy(path, target);
  }
  phone.toast(`${verb === "Move" ? "Moved" : "Copied"} to ${paths.nameOf(folder)}`);
  return true;
}

async function showDetails(path) {
  const entry = await phone.files.stat(path);
  const facts = [["Name", entry.name], ["Path", paths.folderOf(path)], ["Size", paths.size(entry.size)]];
  if (!isFilm(path)) {
    const picture = new Image();
    picture.src = phone.fileUrl(path);
    await picture.decode().then(() => facts.push(["Resolution", `${picture.naturalWidth} x ${picture.naturalHeight}`]), () => facts.push(["Resolution", "unknown"]));
  }
  facts.push(["Changed", timeText(entry.mtime)], ["Type", paths.type(path)]);
  await showFacts("Details", facts);
}

const thumb = (entry) => (isFilm(entry.name) ? h("span", { class: "film" }, icon("play", 28)) : h("img", { src: `${phone.fileUrl(entry.path)}?${entry.mtime}-${entry.size}`, alt: "", loading: "lazy", decoding: "async" }));

function albumsPage() {
  let kind = "albums";
  const head = h("div");
  const list = h("div", { class: "scroll" });

  async function read() {
    const found = await albums();
    fill(head, bar({ title: "Gallery", actions: [iconButton("camera", "Camera", () => phone.start({ package: "com.android.camera2", action: "android.media.action.STILL_IMAGE_CAMERA" })), iconButton("search", "Search", () => gridPage(null, { search: true })), iconButton("more", "More options", more)] }),
      ui.tabs({ value: kind, items: [{ value: "albums", label: "Albums" }, { value: "all", label: "All" }, { value: "favourites", label: "Favourites" }], onchange: (value) => { kind = value; read(); } }));
    if (kind !== "albums") return fillGrid();
    fill(list, found.length ? h("div", { class: "albums" }, found.map(({ folder, media, name }) => h("button", { class: "album", label: `${name}, ${media.length} ${media.length === 1 ? "item" : "items"}`, onclick: () => gridPage(folder, {}) }, h("span", { class: "cover" }, thumb(media[0])), h("b", {}, name), h("small", {}, String(media.length)))))
      : nothing("image", "No pictures yet", "Pictures that you take or download appear here."));
  }

  async function fillGrid() {
    const marked = await favourites.all();
    const media = (await allMedia()).filter((entry) => kind === "all" || marked.has(entry.path));
    fill(list, media.length ? grid(media, new Set(), (entry) => viewerPage(entry.path, media.map((each) => each.path)), null)
      : kind === "all" ? nothing("image", "No pictures yet") : nothing("heart", "No favourites", "Tap the heart while you look at a picture."));
  }

  async function more(event) {
    if ((await menu(event.currentTarget, ["Sort by"])) !== "Sort by") return;
    const sort = await ui.choose({ title: "Sort by", options: Object.keys(MEDIA_SORTS), value: settings.kept.sort });
    if (sort) await settings.set({ sort });
    await read();
  }

  pages.open({ node: h("div", { class: "ui-screen" }, head, list), activity: `${ACTIVITIES}MainActivity`, shown: read, changed: read,
    back: () => { if (kind === "albums") return false; kind = "albums"; read(); return true; } });
}

function grid(media, chosen, onpress, onlong) {
  return h("div", { class: "grid" }, media.map((entry) => {
    const tile = h("button", { class: chosen.has(entry.path) ? "tile on" : "tile", label: entry.name, "aria-selected": onlong && chosen.size ? String(chosen.has(entry.path)) : null, onclick: () => onpress(entry) }, thumb(entry), chosen.has(entry.path) && h("span", { class: "tick" }, icon("check", 18)));
    return onlong ? ui.onLong(tile, () => onlong(entry)) : tile;
  }));
}

// The pictures of one folder, or those whose name is searched for.
function gridPage(folder, { search: searching = false }) {
  const chosen = new Set();
  let media = [];
  let search = searching ? h("input", { class: "bar-input", label: "Search pictures", placeholder: "Search pictures by name", autocomplete: "off", oninput: () => read() }) : null;
  const head = h("div");
  const list = h("div", { class: "scroll" });

  async function read() {
    const wanted = search?.value.trim().toLowerCase() ?? "";
    media = (await allMedia()).filter((entry) => (!folder || paths.folderOf(entry.path) === folder) && entry.name.toLowerCase().includes(wanted) && (!searching || wanted));
    for (const path of chosen) if (!media.some((entry) => entry.path === path)) chosen.delete(path);
    draw();
  }

  const toggle = (entry) => { if (!chosen.delete(entry.path)) chosen.add(entry.path); draw(); };
  const press = (entry) => (chosen.size ? toggle(entry) : viewerPage(entry.path, media.map((each) => each.path)));

  async function apply(work) {
    if ((await work([...chosen])) === false) return;
    chosen.clear();
    await read();
  }

  async function moreChosen(event) {
    const one = chosen.size === 1 ? [...chosen][0] : "";
    const picked = await menu(event.currentTarget, [one && "Rename", "Copy to", "Move to", one && "Share", one && "Details", "Add to favourites", "Select all"]);
    if (picked === "Rename") await apply(([path]) => renameMedia(path));
    else if (picked === "Copy to") await apply((some) => transferMedia(some, "Copy"));
    else if (picked === "Move to") await apply((some) => transferMedia(some, "Move"));
    else if (picked === "Share") await share({ path: one });
    else if (picked === "Details") await showDetails(one);
    else if (picked === "Add to favourites") await apply((some) => Promise.all(some.map(favourites.add)));
    else if (picked === "Select all") { for (const entry of media) chosen.add(entry.path); draw(); }
  }

  async function more(event) {
    const picked = await menu(event.currentTarget, ["Sort by", "Select all"]);
    if (picked === "Select all") { for (const entry of media) chosen.add(entry.path); draw(); }
    if (picked !== "Sort by") return;
    const sort = await ui.choose({ title: "Sort by", options: Object.keys(MEDIA_SORTS), value: settings.kept.sort });
    if (sort) await settings.set({ sort });
    await read();
  }

  function draw() {
    if (chosen.size) fill(head, chosenBar(chosen.size, () => { chosen.clear(); draw(); }, [iconButton("delete", "Delete", () => apply(deleteMedia)), iconButton("more", "More options", moreChosen)]));
    else if (search) {
      if (!search.isConnected) fill(head, h("header", { class: "ui-bar" }, iconButton("back", "Navigate up", () => pages.back()), search));
    } else fill(head, bar({ title: paths.nameOf(folder) === "0" ? "Internal" : paths.nameOf(folder), text: `${media.length} ${media.length === 1 ? "item" : "items"}`, back: () => pages.back(), actions: [iconButton("more", "More options", more)] }));
    fill(list, media.length ? grid(media, chosen, press, toggle) : search ? nothing("search", search.value ? "Nothing found" : "Search by name") : nothing("image", "No pictures in here"));
  }

  pages.open({
    node: h("div", { class: "ui-screen" }, head, list), activity: `${ACTIVITIES}MediaActivity`, shown: read, changed: read, opened: () => search?.focus(),
    back: () => { if (!chosen.size) return false; chosen.clear(); draw(); return true; },
  });
}

async function obey(intent) {
  const path = paths.fromUri(intent?.data).replace(/^\/(sdcard|mnt\/sdcard|storage\/self\/primary)(?=\/|$)/, paths.STORAGE);
  if (!path || !isMedia(path)) return;
  if (!(await phone.files.exists(path))) return void phone.toast("The file is no longer there");
  while (pages.stack.length > 1) pages.close();
  const folder = paths.folderOf(path);
  viewerPage(path, (await phone.files.list(folder)).filter((entry) => isMedia(entry.name)).sort(MEDIA_SORTS[settings.kept.sort]).map((entry) => paths.join(folder, entry.name)), true);
}

async function begin() {
  await phone.ready;
  settings = memory({ sort: "Newest first" });
  await settings.load();
  phone.onBack(pages.back);
  albumsPage();
  phone.on("files", (path) => { if (isMedia(String(path))) pages.top.changed?.(String(path)); });
  phone.onIntent(obey);
  await obey(phone.intent);
}

begin();
