'use strict';
// A page to choose a folder at or below `root` in; resolves to its path, null when it was left.
function pickFolder(root, rootName, verb) {
  return new Promise((resolve) => {
    let folder = root;
    const list = h('div', {class: 'scroll'}), head = h('div');
    const create = async () => {
      const check = async (name) => paths.fault(name.trim()) || ((await phone.files.exists(paths.join(folder, name.trim()))) ? 'This name is taken' : '');
      const named = await ask({title: 'New folder', ok: 'Create', fields: [{name: 'name', label: 'Folder name', check}]});
      if (!named) return;
      folder = paths.join(folder, named.name.trim());
      await phone.files.mkdir(folder);
      await draw();
    };
    async function draw() {
      const entries = (await phone.files.list(folder)).filter((entry) => entry.folder).sort(paths.SORTS['Name, A to Z']);
      fill(head, bar({title: folder === root ? rootName : paths.nameOf(folder), text: `${verb}: choose a folder`, back: () => pages.back(), actions: [iconButton('add', 'New folder', create)]}));
      fill(list, entries.length ? entries.map((entry) => fileRow({lead: leadBox('folder', 'folder'), title: entry.name, chosen: null, onclick: () => { folder = paths.join(folder, entry.name); draw(); }})) : nothing('folder', 'No folders in here'));
    }
    const page = {
      node: h('div', {class: 'ui-screen'}, head, list, h('div', {class: 'foot'}, ui.button({label: `${verb} here`, kind: 'filled', wide: true, id: 'pick_button', onclick: () => { resolve(folder); pages.close(page); }}))),
      back() {
        if (folder === root) return false;
        folder = paths.folderOf(folder);
        draw();
        return true;
      },
      closed: () => resolve(null),
    };
    draw();
    pages.open(page);
  });
}
