'use strict';
// The first page, the search over all pages, and the intents that open one of them.
const FIRST = [
  ['network', 'Wi-Fi, mobile, hotspot', '#3a6fd8'], ['devices', 'Bluetooth, pairing', '#2d9c7c'], ['apps', 'Permissions, storage of apps', '#d8773a'], ['notifications', 'History, Do Not Disturb', '#c24a6b'],
  ['battery', 'Battery Saver', '#3f9a46'], ['storage', 'Space on this phone', '#7c5cc4'], ['sound', 'Volume, vibration', '#2f8fb3'], ['display', 'Brightness, dark theme, font size', '#c9932b'],
  ['security', 'Screen lock, access', '#4767b5'], ['location', '', '#b5524a'], ['accessibility', 'Display, interaction', '#5a7d2f'], ['system', 'Languages, date & time', '#5d687a'], ['about', '', '#7a6a5d'],
];
const summary = (name, text) => (name === 'location' ? (setting('secure', 'location_mode', '3') === '0' ? 'Off' : 'On') : name === 'about' ? setting('global', 'device_name') : text);

ui.screens.define('main', () => {
  phone.activity('com.android.settings.Settings');
  return ui.screen({title: 'Settings', actions: [{icon: 'search', label: 'Search settings', id: 'search_action_bar', onclick: () => ui.screens.push('search')}], body:
    FIRST.map(([name, text, colour]) => ui.row({lead: ball(pages.get(name).icon, colour), title: pages.get(name).title, text: summary(name, text), onclick: () => open(name)}))});
});

ui.screens.define('search', () => {
  phone.activity('com.android.settings.homepage.SettingsSearch');
  const results = h('div');
  const reachable = [...pages.values()].filter((each) => typeof each.title === 'string' && each.icon);
  const find = (typed) => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length ? reachable.filter((each) => words.every((word) => `${each.title} ${each.title.replace('-', '')} ${each.words ?? ''}`.toLowerCase().includes(word))) : [];
    results.replaceChildren(...hits.map((each) => ui.row({icon: each.icon, title: each.title, onclick: () => open(each.name)})), ...(words.length && !hits.length ? [ui.empty({icon: 'search', text: 'No results'})] : []));
  };
  return ui.screen({back: true, search: {placeholder: 'Search settings', oninput: find, autofocus: true}, body: results});
});

const BY_ACTION = {
  WIFI_SETTINGS: ['network', 'wifi'], WIRELESS_SETTINGS: ['network'], AIRPLANE_MODE_SETTINGS: ['network'], BLUETOOTH_SETTINGS: ['devices', 'bluetooth'], DISPLAY_SETTINGS: ['display'], SOUND_SETTINGS: ['sound'],
  DATE_SETTINGS: ['system', 'date-time'], LOCATION_SOURCE_SETTINGS: ['location'], APPLICATION_SETTINGS: ['apps'], MANAGE_APPLICATIONS_SETTINGS: ['apps'], BATTERY_SAVER_SETTINGS: ['battery', 'battery-saver'],
  INTERNAL_STORAGE_SETTINGS: ['storage'], ACCESSIBILITY_SETTINGS: ['accessibility'], SECURITY_SETTINGS: ['security'], DEVICE_INFO_SETTINGS: ['about'],
};
function begin(intent) {
  const action = (intent?.action ?? '').replace('android.settings.', ''), details = action === 'APPLICATION_DETAILS_SETTINGS';
  const name = String(intent?.data ?? '').replace('package:', '');
  const list = details ? [['apps'], ['app', {package: name}]] : (BY_ACTION[action] ?? []).map((each) => [each]);
  return ui.screens.reset(['main'], ...list);
}

let held = false;
addEventListener('pointerdown', () => { held = true; }, {capture: true});
addEventListener('pointerup', () => { held = false; }, {capture: true});
addEventListener('pointercancel', () => { held = false; }, {capture: true});
// What changed elsewhere (adb, quick settings) is shown; a field that is typed into or a finger on a slider is left alone.
const follow = () => { if (!held && !document.activeElement?.matches('input, textarea') && ui.screens.depth) ui.screens.refresh(); };
phone.on('settings', follow);
phone.on('clock', () => { if (ui.screens.current?.name === 'date-time') follow(); });
phone.ready.then(() => begin(phone.intent));
phone.onIntent((intent) => { if (intent.action !== 'android.intent.action.MAIN') begin(intent); });
