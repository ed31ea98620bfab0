'use strict';
// System: languages, date & time, about, reset of what has a default.
const ZONES = ['UTC', 'Europe/London', 'Europe/Berlin', 'Europe/Helsinki', 'America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles', 'America/Sao_Paulo', 'Asia/Kolkata', 'Asia/Shanghai', 'Asia/Tokyo', 'Australia/Sydney'];
const LANGUAGES = [['en-US', 'English (United States)'], ['en-GB', 'English (United Kingdom)'], ['de-DE', 'Deutsch'], ['fr-FR', 'Français'], ['es-ES', 'Español'], ['ja-JP', '日本語'], ['zh-CN', '简体中文']];

page({name: 'system', title: 'System', icon: 'info', words: 'gestures backup', make: () => [
  link('languages', LANGUAGES.find(([value]) => value === setting('system', 'system_locales', 'en-US'))?.[1]),
  link('date-time', phone.format(phone.now(), {weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'})),
  link('keyboard', 'On-screen keyboard'),
  link('reset', 'Network settings and app preferences'),
]});

page({name: 'languages', title: 'Languages', icon: 'language', make: () => [
  ui.radios({value: setting('system', 'system_locales', 'en-US'), options: LANGUAGES.map(([value, title]) => ({value, title})), onchange: (value) => put('system', 'system_locales', value)}),
  h('div', {class: 'foot'}, 'Apps that know a language use it for their dates; their texts stay English.'),
]});

function parts() {
  const read = new Intl.DateTimeFormat('en-GB', {timeZone: phone.zone(), year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23'});
  return Object.fromEntries(read.formatToParts(phone.now()).map(({type, value}) => [type, Number(value)]));
}

// Wall time in the phone's zone is put right by what it is off, twice, since that differs around a change to summer time.
async function setClock(change) {
  const wanted = {...parts(), ...change}, aim = Date.UTC(wanted.year, wanted.month - 1, wanted.day, wanted.hour, wanted.minute);
  for (let turn = 0; turn < 2; turn += 1) {
    const now = parts(), shown = Date.UTC(now.year, now.month - 1, now.day, now.hour, now.minute);
    if (shown !== aim) await phone.call_('time', phone.now().getTime() + aim - shown);
  }
  ui.screens.refresh();
}

page({name: 'date-time', title: 'Date & time', icon: 'clock', activity: 'com.android.settings.DateTimeSettings', words: 'time zone 24-hour clock', make: () => {
  const auto = isOn('global', 'auto_time', '1'), now = parts();
  return [
    switchOf('global', 'auto_time', {title: 'Set time automatically', otherwise: '1'}),
    ui.row({title: 'Date', text: phone.format(phone.now(), {day: 'numeric', month: 'long', year: 'numeric'}), disabled: auto, onclick: async () => {
      const day = await ui.datePicker({year: now.year, month: now.month, day: now.day});
      if (day) await setClock(day);
    }}),
    ui.row({title: 'Time', text: phone.format(phone.now(), {hour: '2-digit', minute: '2-digit'}), disabled: auto, onclick: async () => {
      const time = await ui.timePicker({hour: now.hour, minute: now.minute});
      if (time) await setClock(time);
    }}),
    switchOf('global', 'auto_time_zone', {title: 'Set time zone automatically', otherwise: '1'}),
    ui.row({title: 'Time zone', text: phone.zone(), disabled: isOn('global', 'auto_time_zone', '1'), onclick: async () => {
      const zone = await ui.choose({title: 'Time zone', options: ZONES.map((value) => ({value, title: value.replace('_', ' ')})), value: phone.zone()});
      if (zone) await phone.call_('zone', zone);
      ui.screens.refresh();
    }}),
    ui.switchRow({title: 'Use 24-hour format', text: phone.hours24() ? '13:00' : '1:00 PM', checked: phone.hours24(), onchange: (on) => put('system', 'time_12_24', on ? '24' : '12')}),
  ];
}});

page({name: 'keyboard', title: 'Keyboard', icon: 'keyboard', words: 'input method typing', make: () => [
  ui.row({icon: 'keyboard', title: 'On-screen keyboard', text: setting('secure', 'default_input_method')}),
  switchOf('secure', 'show_ime_with_hard_keyboard', {title: 'Show on-screen keyboard', text: 'Keep it on screen while a physical one is active', otherwise: '1'}),
]});

page({name: 'reset', title: 'Reset options', icon: 'refresh', make: () => [
  ui.row({title: 'Reset Wi-Fi, mobile & Bluetooth', onclick: async () => {
    if (!(await ui.confirm({title: 'Reset network settings?', text: 'Saved networks and paired devices will be forgotten.', yes: 'Reset settings', danger: true}))) return;
    for (const [space, key] of [['secure', 'wifi_saved'], ['secure', 'wifi_ssid'], ['secure', 'bluetooth_paired']]) await phone.settings.delete(space, key);
    phone.toast('Network settings have been reset');
  }}),
]});

page({name: 'about', title: 'About phone', icon: 'device', words: 'version model serial number build', make: () => {
  const props = phone.props();
  return [
    ui.row({title: 'Device name', text: setting('global', 'device_name'), onclick: async () => {
      const name = await ui.prompt({title: 'Device name', value: setting('global', 'device_name')});
      if (name?.trim()) await put('global', 'device_name', name.trim());
      ui.screens.refresh();
    }}),
    ui.row({title: 'Model', text: props['ro.product.model'] ?? ''}), ui.row({title: 'Android version', text: props['ro.build.version.release'] ?? ''}),
    ui.row({title: 'Serial number', text: props['ro.serialno'] ?? ''}), ui.row({title: 'Build number', text: props['ro.build.display.id'] ?? ''}),
    ui.row({title: 'Phone number', text: setting('secure', 'phone_number', '+1 555 010 0100')}),
  ];
}});
