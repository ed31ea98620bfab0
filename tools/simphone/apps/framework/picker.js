"use strict";
// A page to choose a folder at or below `root` in; resolves to its path, null when it was left.
function pickFolder(root, rootName, verb, start = root) {
  return new Promise((resolve) => {
    let folder = start;
    const list = h("div", { class: "scroll" });
    const head = h("div");
    const done = (value) => {
      page.closed = null;
      pages.close(page);
      resolve(value);
    };
    const create = async () => {
      const named = await ask({ title: "New folder", ok: "Create", fields: [{ name: "name", label: "Folder name", check: async (name) => paths.fault(name.trim()) || ((await phone.files.exists(paths.join(folder, name.trim()))) ? "This name is taken" : "") }] });
      if (!named) return;
      folder = paths.join(folder, named.name.trim());
      await phone.files.mkdir(folder);
      await draw();
    };
    async function draw() {
      const entries = (await phone.files.list(folder)).filter((entry) => entry.folder).sort(paths.SORTS["Name, A to Z"]);
      const name = folder === root ? rootName : paths.nameOf(folder);
      fill(head, bar({ title: name, text: `${verb}: choose a folder`, back: () => pages.back(), actions: [iconButton("plus", "New folder", create)] }));
      fill(list, entries.length ? entries.map((entry) => row({ lead: h("span", { class: "lead" }, icon("folder")), title: entry.name, onclick: () => { folder = paths.join(folder, entry.name); void draw(); } })) : empty("folder", "No folders in here"));
    }
    const page = {
      node: h("div", { class: "page" }, head, list, h("div", { class: "foot" }, h("button", { class: "button", onclick: () => done(folder) }, `${verb} here`))),
      back() {
        if (folder === root) return false;
        folder = paths.folderOf(folder);
        void draw();
        return true;
      },
      closed: () => resolve(null),
    };
    void draw();
    pages.open(page);
  });
}
