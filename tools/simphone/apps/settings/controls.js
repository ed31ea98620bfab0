'use strict';
// What the pages of the settings share: pages by name, and rows that are a setting.
const {h} = ui;
const pages = new Map(); // name -> {title, group, icon, make, activity, find: [[text, page]]}

const setting = (space, key, otherwise = '') => phone.settings.get(space, key, otherwise);
const put = (space, key, value) => phone.settings.put(space, key, value);
const isOn = (space, key, otherwise = '0') => setting(space, key, otherwise) === '1';

// A page: {name, title, icon, activity, words, make}. `words` are what the search finds it by, beside its title; `make` gives its rows.
function page(given) {
  pages.set(given.name, given);
  ui.screens.define(given.name, async (params) => {
    phone.activity(given.activity ?? 'com.android.settings.SubSettings');
    const made = await given.make(params);
    const title = typeof given.title === 'function' ? given.title(params) : given.title;
    return ui.screen({title, back: true, ...(Array.isArray(made) ? {body: made} : made)});
  });
}

const open = (name, params) => ui.screens.push(name, params);

// A row that leads to a page.
const link = (name, text, more = {}) => ui.row({icon: pages.get(name)?.icon, title: more.title ?? pages.get(name).title, text, onclick: () => open(name, more.params), ...more});

// A switch that is a setting of 0 and 1.
const switchOf = (space, key, given) => ui.switchRow({checked: isOn(space, key, given.otherwise), onchange: (on) => put(space, key, on ? '1' : '0'), ...given});

// The large switch at the top of a page.
const hero = (given) => h('div', {class: 'hero'}, ui.switchRow(given));

// A row that asks for one of several values of a setting.
function choiceOf(space, key, {title, icon, options, otherwise, after}) {
  const now = setting(space, key, otherwise);
  return ui.row({icon, title, text: options.find((each) => each.value === now)?.title ?? now, onclick: async () => {
    const chosen = await ui.choose({title, options, value: now});
    if (chosen !== null) await put(space, key, chosen);
    if (chosen !== null) after?.(chosen);
    ui.screens.refresh();
  }});
}

const ball = (sign, colour) => h('span', {class: 'ball', style: `background:${colour}`}, icon(sign));
const appIcon = (name) => h('img', {class: 'app-icon', src: `/apps/${name}/icon.svg`, alt: ''});
const bytes = (count) => (count < 1000 ? `${count} B` : count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(1)} GB`);
