'use strict';
// Battery, storage, security, location, accessibility.
page({name: 'battery', title: 'Battery', icon: 'battery', words: 'power saver', make: () => [
  h('div', {class: 'value'}, h('b', {id: 'battery_level'}, `${phone.device.mirror.battery?.level ?? 100}%`), h('span', {}, 'charging')),
  link('battery-saver', isOn('global', 'low_power') ? 'On' : 'Off'),
  switchOf('system', 'status_bar_show_battery_percent', {icon: 'battery', title: 'Battery percentage'}),
]});
page({name: 'battery-saver', title: 'Battery Saver', icon: 'battery-saver', make: () => [
  hero({title: 'Use Battery Saver', checked: isOn('global', 'low_power'), onchange: (on) => put('global', 'low_power', on ? '1' : '0')}),
  h('div', {class: 'foot'}, 'Battery Saver turns on dark theme and limits what runs in the background.'),
]});

const KINDS = [['DCIM', 'Camera', 'camera'], ['Pictures', 'Pictures', 'image'], ['Documents', 'Documents', 'document'], ['Download', 'Downloads', 'download'], ['Music', 'Music', 'music'], ['Movies', 'Movies', 'video']];
page({name: 'storage', title: 'Storage', icon: 'storage', words: 'space free files', make: async () => {
  const count = async (path) => {
    let files = 0, size = 0;
    for (const each of await phone.files.list(path)) {
      const inside = each.folder ? await count(`${path}/${each.name}`) : {files: 1, size: each.size};
      files += inside.files;
      size += inside.size;
    }
    return {files, size};
  };
  const rows = [];
  let used = 11.2e9;
  for (const [folder, title, sign] of KINDS) {
    const path = `/storage/emulated/0/${folder}`;
    if (!(await phone.files.exists(path))) continue;
    const {files, size} = await count(path);
    used += size;
    rows.push(ui.row({icon: sign, title, text: `${files} file${files === 1 ? '' : 's'}`, trailing: bytes(size), onclick: () => phone.start({package: 'com.google.android.documentsui'})}));
  }
  return [h('div', {class: 'value'}, h('b', {}, bytes(used)), h('span', {}, 'used of 128 GB')), h('div', {class: 'usage ui-progress'}, h('i', {style: `width:${(used / 128e9) * 100}%`})), ui.row({icon: 'device', title: 'System', text: 'Android', trailing: '11.2 GB'}), ...rows];
}});

page({name: 'security', title: 'Security & privacy', icon: 'security', words: 'lock screen pin password privacy', make: () => [
  choiceOf('secure', 'lockscreen.disabled', {title: 'Screen lock', icon: 'lock', otherwise: '0', options: [{value: '1', title: 'None'}, {value: '0', title: 'Swipe'}]}),
  switchOf('secure', 'camera_access', {icon: 'camera', title: 'Camera access', text: 'For apps and services', otherwise: '1'}),
  switchOf('secure', 'mic_access', {icon: 'mic', title: 'Microphone access', text: 'For apps and services', otherwise: '1'}),
  switchOf('secure', 'show_passwords', {icon: 'eye', title: 'Show passwords', text: 'Display characters briefly as you type'}),
]});

page({name: 'location', title: 'Location', icon: 'place', words: 'gps', make: () => [
  hero({title: 'Use location', checked: setting('secure', 'location_mode', '3') !== '0', onchange: (on) => put('secure', 'location_mode', on ? '3' : '0')}),
  switchOf('global', 'wifi_scan_always_enabled', {icon: 'wifi', title: 'Wi-Fi scanning'}),
  switchOf('global', 'ble_scan_always_enabled', {icon: 'bluetooth', title: 'Bluetooth scanning'}),
]});

page({name: 'accessibility', title: 'Accessibility', icon: 'accessibility', words: 'colour inversion magnification captions', make: () => [
  link('font-size', SIZES.find(([value]) => value === setting('system', 'font_scale', '1.0'))?.[1] ?? ''),
  ui.switchRow({icon: 'palette', title: 'Remove animations', checked: setting('global', 'animator_duration_scale', '0') === '0', onchange: async (on) => {
    for (const key of ['window_animation_scale', 'transition_animation_scale', 'animator_duration_scale']) await put('global', key, on ? '0' : '1');
  }}),
  choiceOf('secure', 'long_press_timeout', {title: 'Touch & hold delay', icon: 'timer', otherwise: '400', options: [{value: '400', title: 'Short'}, {value: '1000', title: 'Medium'}, {value: '1500', title: 'Long'}]}),
  switchOf('secure', 'accessibility_captioning_enabled', {icon: 'message', title: 'Show captions'}),
  switchOf('secure', 'high_text_contrast_enabled', {icon: 'text', title: 'High contrast text'}),
]});
