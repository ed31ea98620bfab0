'use strict';
// Date and time, languages and keyboards, about the phone, developer options.
const ZONES = [['UTC', 'Coordinated Universal Time'], ['America/Los_Angeles', 'Los Angeles'], ['America/Denver', 'Denver'], ['America/Chicago', 'Chicago'], ['America/New_York', 'New York'], ['America/Sao_Paulo', 'S\u00e3o Paulo'], ['Europe/London', 'London'], ['Europe/Berlin', 'Berlin'], ['Europe/Athens', 'Athens'], ['Africa/Cairo', 'Cairo'], ['Africa/Lagos', 'Lagos'], ['Asia/Dubai', 'Dubai'], ['Asia/Kolkata', 'Kolkata'], ['Asia/Shanghai', 'Shanghai'], ['Asia/Singapore', 'Singapore'], ['Asia/Tokyo', 'Tokyo'], ['Australia/Sydney', 'Sydney'], ['Pacific/Auckland', 'Auckland']];
const LANGUAGES = [['en-US', 'English (United States)'], ['en-GB', 'English (United Kingdom)'], ['de-DE', 'Deutsch (Deutschland)'], ['es-ES', 'Espa\u00f1ol (Espa\u00f1a)'], ['fr-FR', 'Fran\u00e7ais (France)'], ['pt-BR', 'Portugu\u00eas (Brasil)'], ['zh-CN', '\u7b80\u4f53\u4e2d\u6587 (\u4e2d\u56fd)'], ['ja-JP', '\u65e5\u672c\u8a9e (\u65e5\u672c)']];
const offset = (zone) => new Intl.DateTimeFormat('en-US', {timeZone: zone, timeZoneName: 'longOffset'}).formatToParts(phone.now()).find((part) => part.type === 'timeZoneName').value.replace(/^GMT$/, 'GMT+00:00');

page('system', {
  title: 'System', icon: 'info', text: 'Languages, time, about phone', activity: 'SystemDashboardActivity', words: 'language keyboard date time about developer reset',
  rows: () => [link('languages', {icon: 'language'}), link('keyboard', {icon: 'keyboard'}), link('date', {icon: 'clock'}), link('developer', {icon: 'developer'}), link('about', {icon: 'device'})],
});

page('languages', {
  title: 'Languages', icon: 'language', parent: 'system', text: () => LANGUAGES.find(([code]) => code === get('system', 'system_locales', 'en-US'))?.[1] ?? get('system', 'system_locales'), activity: 'LanguageAndInputSettingsActivity', words: 'language locale region',
  rows: () => [ui.radios({options: LANGUAGES.map(([value, title]) => ({value, title})), value: get('system', 'system_locales', 'en-US'), onchange: (value) => put('system', 'system_locales', value)})],
});

page('keyboard', {
  title: 'On-screen keyboard', icon: 'keyboard', parent: 'system', text: () => (get('secure', 'default_input_method').includes('latin') ? 'Keyboard (English)' : get('secure', 'default_input_method')), words: 'input method typing',
  rows: () => [
    get('secure', 'enabled_input_methods').split(':').filter(Boolean).map((id) => ui.row({icon: 'keyboard', title: id.includes('latin') ? 'Keyboard' : id.split('/')[0], text: get('secure', 'default_input_method') === id ? 'Current keyboard' : 'Tap to use', onclick: async () => { await put('secure', 'default_input_method', id); ui.screens.refresh(); }})),
    setting({space: 'secure', key: 'show_ime_with_hard_keyboard', title: 'Use on-screen keyboard', text: 'Keep it on screen while a physical keyboard is active', otherwise: '1'}),
  ],
});

const shownDate = () => phone.format(phone.now(), {year: 'numeric', month: 'long', day: 'numeric'});
const shownTime = () => phone.format(phone.now(), {hour: '2-digit', minute: '2-digit'});
const parts = () => Object.fromEntries(new Intl.DateTimeFormat('en-US', {timeZone: phone.zone(), hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric'}).formatToParts(phone.now()).map((part) => [part.type, Number(part.value)]));

// Put the phone's clock to a time of its own zone.
async function setClock(change) {
  const before = parts(), wanted = {...before, ...change};
  const stamp = (each) => Date.UTC(each.year, each.month - 1, each.day, each.hour, each.minute, each.second);
  await phone.call_('time', phone.now().getTime() + stamp(wanted) - stamp(before));
  ui.screens.refresh();
}

page('date', {
  title: 'Date & time', icon: 'clock', parent: 'system', text: () => `${offset(phone.zone())} ${phone.zone()}`, activity: 'DateTimeSettingsActivity', words: 'clock 24-hour format time zone automatic',
  rows: () => {
    const auto = is('global', 'auto_time'), autoZone = is('global', 'auto_time_zone'), zone = ZONES.find(([name]) => name === phone.zone());
    return [
      setting({space: 'global', key: 'auto_time', title: 'Set time automatically', after: () => ui.screens.refresh()}),
      ui.row({title: 'Date', text: shownDate(), disabled: auto, onclick: async () => { const {year, month, day} = parts(), next = await ui.datePicker({year, month, day}); if (next) await setClock(next); }}),
      ui.row({title: 'Time', text: shownTime(), disabled: auto, onclick: async () => { const {hour, minute} = parts(), next = await ui.timePicker({hour, minute, title: 'Set time'}); if (next) await setClock({...next, second: 0}); }}),
      ui.section('Time zone'),
      setting({space: 'global', key: 'auto_time_zone', title: 'Set time zone automatically', after: () => ui.screens.refresh()}),
      ui.row({title: 'Time zone', text: `${offset(phone.zone())} ${zone?.[1] ?? phone.zone()}`, disabled: autoZone, onclick: () => ui.screens.push('page', {name: 'zones'})}),
      ui.section('Time format'),
      setting({space: 'system', key: 'time_12_24', title: 'Use 24-hour format', text: shownTime(), on: '24', off: '12', otherwise: '24', after: () => ui.screens.refresh()}),
    ];
  },
});

page('zones', {
  title: 'Time zone', icon: 'globe', parent: 'date', hidden: true,
  rows: () => ZONES.map(([name, title]) => ui.row({title, text: `${offset(name)} \u2022 ${name}`, selected: name === phone.zone(), onclick: async () => { await phone.call_('zone', name); await ui.screens.pop(); }})),
});

let taps = 0;
page('about', {
  title: 'About phone', icon: 'device', parent: 'system', text: () => get('global', 'device_name', 'handeye'), activity: 'MyDeviceInfoActivity', words: 'device name model android version serial build number',
  rows: () => {
    const props = phone.props();
    return [
      ui.row({title: 'Device name', text: get('global', 'device_name', props['ro.product.model']), onclick: async () => { const name = await ui.prompt({title: 'Device name', value: get('global', 'device_name')}); if (name?.trim()) { await put('global', 'device_name', name.trim()); ui.screens.refresh(); } }}),
      ui.section('Device details'),
      info('Phone number', '+1 555 010 0199'), info('Model', props['ro.product.model']), info('Serial number', props['ro.serialno']),
      info('Android version', props['ro.build.version.release']), info('Android security update', props['ro.build.version.security_patch']),
      info('IP address', wifiOn() ? '10.0.2.16' : 'Unavailable'),
      ui.row({title: 'Build number', text: props['ro.build.display.id'], onclick: async () => {
        taps += 1;
        if (is('global', 'development_settings_enabled')) { phone.toast('No need, you are already a developer.'); return; }
        if (taps >= 7) { await put('global', 'development_settings_enabled', '1'); phone.toast('You are now a developer!'); }
      }}),
    ];
  },
});

const SCALES = [['0', 'Animation off'], ['0.5', 'Animation scale .5x'], ['1', 'Animation scale 1x'], ['1.5', 'Animation scale 1.5x'], ['2', 'Animation scale 2x'], ['5', 'Animation scale 5x'], ['10', 'Animation scale 10x']].map(([value, title]) => ({value, title}));
page('developer', {
  title: 'Developer options', icon: 'developer', parent: 'system', activity: 'DevelopmentSettingsDashboardActivity', words: 'usb debugging animation scale stay awake',
  rows: () => [
    setting({space: 'global', key: 'development_settings_enabled', title: 'Use developer options', otherwise: '1'}),
    setting({space: 'global', key: 'stay_on_while_plugged_in', title: 'Stay awake', text: 'Screen will never sleep while charging', on: '7'}),
    setting({space: 'global', key: 'adb_enabled', title: 'USB debugging', text: 'Debug mode when USB is connected', otherwise: '1'}),
    ui.section('Drawing'),
    choice({space: 'global', key: 'window_animation_scale', title: 'Window animation scale', options: SCALES, otherwise: '1'}),
    choice({space: 'global', key: 'transition_animation_scale', title: 'Transition animation scale', options: SCALES, otherwise: '1'}),
    choice({space: 'global', key: 'animator_duration_scale', title: 'Animator duration scale', options: SCALES, otherwise: '1'}),
  ],
});
