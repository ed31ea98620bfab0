'use strict';
// What the pages of the settings are made of: rows that show a setting and change it.
const get = (space, key, otherwise = '') => phone.settings.get(space, key, otherwise);
const put = (space, key, value) => phone.settings.put(space, key, value);
const is = (space, key, value = '1') => get(space, key) === value;
const json = (key, otherwise) => { try { return JSON.parse(get('global', key)) ?? otherwise; } catch { return otherwise; } };

const pages = new Map(); // name -> {title, icon, text, activity, rows(params), words, parent}
function page(name, given) { pages.set(name, given); }

// A row that leads to a page.
const link = (name, more = {}) => {
  const to = pages.get(name);
  return ui.row({icon: more.icon, title: more.title ?? to.title, text: more.text ?? (typeof to.text === 'function' ? to.text() : to.text), onclick: () => ui.screens.push('page', {name})});
};

// A switch for a setting that is `on` or `off`.
const setting = ({space, key, title, text, icon, on = '1', off = '0', after, change, checked, otherwise = '0', disabled}) => ui.switchRow({
  icon, title, text, disabled, checked: checked ?? get(space, key, otherwise) === on,
  onchange: async (now) => { await (change ? change(now) : put(space, key, now ? on : off)); after?.(now); },
});

// A row that shows which of several values a setting has; a tap asks.
const choice = ({space, key, title, options, otherwise, change, icon, text}) => {
  const now = get(space, key, otherwise);
  return ui.row({icon, title, text: text ?? options.find((each) => each.value === now)?.title ?? now, onclick: async () => {
    const next = await ui.choose({title, options, value: now});
    if (next === null) return;
    await (change ? change(next) : put(space, key, next));
    ui.screens.refresh();
  }});
};

// A slider for a setting; its ends are exactly `min` and `max`.
const level = ({space, key, title, icon, min, max, otherwise, change, oninput, id}) => [ui.h('div', {class: 'slider-title', id: 'title'}, title), ui.slider({
  min, max, value: Number(get(space, key, String(otherwise))), label: title, icon, id: id ?? 'seekbar', oninput, onchange: (value) => (change ? change(value) : put(space, key, value)),
})];

const info = (title, text, more = {}) => ui.row({title, text: text || '\u2014', ...more});
const note = (text) => ui.h('div', {class: 'note', id: 'footer'}, text);
const bytes = (size) => (size < 1000 ? `${size} B` : size < 1e6 ? `${(size / 1000).toFixed(1)} kB` : size < 1e9 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e9).toFixed(1)} GB`);
const picture = (entry) => (entry?.folder ? ui.h('img', {class: 'app-icon', src: `/apps/${entry.folder}/icon.svg`, alt: ''}) : ui.avatar(entry?.label ?? '?'));

// All bytes below a folder, and how many files.
async function weigh(path) {
  let size = 0, count = 0;
  if (!await phone.files.exists(path)) return {size, count};
  for (const entry of await phone.files.list(path)) {
    if (entry.folder) { const inside = await weigh(`${path}/${entry.name}`); size += inside.size; count += inside.count; }
    else { size += entry.size; count += 1; }
  }
  return {size, count};
}
