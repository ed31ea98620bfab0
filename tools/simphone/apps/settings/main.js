'use strict';
// The first page, the search, and which page an intent opens.
const MAIN = ['network', 'devices', 'apps', 'notifications', 'battery', 'storage', 'sound', 'display', 'accessibility', 'security', 'location', 'system'];
const TINTS = {network: '#3f76c8', devices: '#3f76c8', apps: '#b5622d', notifications: '#b5484d', battery: '#3d8f5f', storage: '#7a5cc2', sound: '#2f8a92', display: '#b3812a', accessibility: '#3f76c8', security: '#3d8f5f', location: '#3d8f5f', system: '#67707f'};
const PREFIX = 'com.android.settings.Settings$';
const ACTIONS = {
  WIFI_SETTINGS: 'internet', WIRELESS_SETTINGS: 'network', AIRPLANE_MODE_SETTINGS: 'network', DATA_ROAMING_SETTINGS: 'mobile', BLUETOOTH_SETTINGS: 'bluetooth', DISPLAY_SETTINGS: 'display', SOUND_SETTINGS: 'sound', DATE_SETTINGS: 'date', APPLICATION_SETTINGS: 'all', MANAGE_APPLICATIONS_SETTINGS: 'all', NOTIFICATION_SETTINGS: 'notifications',
  BATTERY_SAVER_SETTINGS: 'saver', POWER_USAGE_SUMMARY: 'battery', INTERNAL_STORAGE_SETTINGS: 'storage', SECURITY_SETTINGS: 'security', LOCATION_SOURCE_SETTINGS: 'location', ACCESSIBILITY_SETTINGS: 'accessibility', LOCALE_SETTINGS: 'languages', INPUT_METHOD_SETTINGS: 'keyboard', DEVICE_INFO_SETTINGS: 'about', APPLICATION_DEVELOPMENT_SETTINGS: 'developer',
};
const CLASSES = {WifiSettingsActivity: 'internet', AirplaneModeSettingsActivity: 'network'};

ui.screens.define('main', () => {
  phone.activity('com.android.settings.Settings');
  return ui.screen({bar: false, body: [
    ui.h('div', {class: 'big-title', id: 'homepage_title'}, 'Settings'),
    ui.h('button', {class: 'main-search', id: 'search_action_bar', onclick: () => ui.screens.push('search')}, ui.icon('search', 22), ui.h('span', {id: 'search_action_bar_title'}, 'Search settings')),
    MAIN.map((name) => { const row = link(name, {icon: pages.get(name).icon}); row.classList.add('tinted'); row.querySelector('.lead').style.background = TINTS[name]; return row; }),
  ]});
});

ui.screens.define('page', async (params) => {
  const given = pages.get(params.name);
  phone.activity(given.activity === 'InstalledAppDetails' ? 'com.android.settings.applications.InstalledAppDetails' : given.activity ? PREFIX + given.activity : 'com.android.settings.SubSettings');
  return ui.screen({title: given.title, back: true, actions: [{icon: 'search', label: 'Search settings', onclick: () => ui.screens.push('search')}], body: await given.rows(params), id: 'recycler_view'});
});

// What the search finds: pages, and the titles of their rows.
async function entries() {
  const found = [];
  for (const [name, given] of pages) {
    if (given.hidden) continue;
    const path = [];
    for (let at = given; at; at = pages.get(at.parent)) path.unshift(at.title);
    found.push({title: given.title, path: path.slice(0, -1).join(' > '), words: `${given.title} ${given.words ?? ''}`, name, page: true});
    if (name === 'all') continue;
    for (const element of (await given.rows({})).flat(3).filter((each) => each?.classList)) {
      const title = element.querySelector?.('.title')?.textContent ?? (element.classList.contains('slider-title') ? element.textContent : '');
      if (title && !found.some((each) => each.title === title)) found.push({title, path: path.join(' > '), words: title, name});
    }
  }
  return found;
}

ui.screens.define('search', async (params) => {
  const all = await entries(), list = ui.h('div', {id: 'list_results'});
  const draw = (text) => {
    params.text = text;
    const wanted = text.toLowerCase().replace(/[\u2011-]/g, '').trim(), plain = (words) => words.toLowerCase().replace(/[\u2011-]/g, '');
    const hits = wanted ? all.filter((each) => plain(each.words).includes(wanted)).sort((a, b) => plain(b.title).includes(wanted) - plain(a.title).includes(wanted) || Boolean(b.page) - Boolean(a.page)) : [];
    list.replaceChildren(...(hits.length ? hits.slice(0, 30).map((each) => ui.row({title: each.title, text: each.path || 'Settings', onclick: () => ui.screens.push('page', {name: each.name})})) : wanted ? [ui.empty({icon: 'search', text: `No results for "${text}"`})] : []));
  };
  draw(params.text ?? '');
  return ui.screen({back: true, search: {placeholder: 'Search settings', value: params.text ?? '', oninput: draw, autofocus: params.text === undefined}, body: list});
});

function show(intent) {
  const action = intent.action.split('.').pop(), address = intent.data.replace(/^package:/, '');
  let name = ACTIONS[action];
  if (action === 'APPLICATION_DETAILS_SETTINGS' && address) { ui.screens.reset(['main'], ['page', {name: 'app', package: address}]); return; }
  if (!name && intent.activity.startsWith(PREFIX)) {
    const short = intent.activity.slice(PREFIX.length);
    name = CLASSES[short] ?? [...pages].find(([, given]) => given.activity === short)?.[0];
  }
  if (name) ui.screens.reset(['main'], ['page', {name}]); else ui.screens.reset(['main']);
}

phone.onIntent(show);
show(phone.intent);
// What is changed from outside shows at once; a finger on a slider is left alone.
phone.on('settings', () => { if (ui.screens.current?.name === 'page' && !document.activeElement?.matches('input') && !changing) refreshSoon(); });
phone.on('packages', () => ui.screens.current?.name === 'page' && refreshSoon());
phone.on('clock', () => ui.screens.current?.params.name === 'date' && refreshSoon());
let changing = false, planned = 0;
addEventListener('pointerdown', () => { changing = true; });
for (const kind of ['pointerup', 'pointercancel']) addEventListener(kind, () => { changing = false; });
function refreshSoon() { clearTimeout(planned); planned = setTimeout(() => { if (!document.querySelector('.ui-scrim')) ui.screens.refresh(); }, 30); }
