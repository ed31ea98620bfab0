'use strict';
// Display, sound, notifications.
const SIZES = [['0.85', 'Small'], ['1.0', 'Default'], ['1.15', 'Large'], ['1.3', 'Largest']];
const TIMES = [[15, '15 seconds'], [30, '30 seconds'], [60, '1 minute'], [120, '2 minutes'], [300, '5 minutes'], [600, '10 minutes'], [1800, '30 minutes']];
const brightness = () => Number(setting('system', 'screen_brightness', '102'));
const percent = (value) => `${Math.round(((value - 1) / 254) * 100)}%`;

page({name: 'display', title: 'Display', icon: 'brightness', activity: 'com.android.settings.DisplaySettings', words: 'wallpaper brightness dark theme font size rotate sleep timeout', make: () => [
  ui.section('Brightness'),
  link('brightness', percent(brightness())),
  switchOf('system', 'screen_brightness_mode', {icon: 'brightness', title: 'Adaptive brightness', text: 'Adjusts to the light around you'}),
  ui.section('Lock display'),
  choiceOf('system', 'screen_off_timeout', {title: 'Screen timeout', icon: 'timer', otherwise: '60000', options: TIMES.map(([seconds, title]) => ({value: String(seconds * 1000), title}))}),
  ui.section('Appearance'),
  ui.switchRow({icon: 'moon', title: 'Dark theme', checked: setting('secure', 'ui_night_mode', '1') === '2', onchange: (on) => put('secure', 'ui_night_mode', on ? '2' : '1')}),
  link('font-size', SIZES.find(([value]) => value === setting('system', 'font_scale', '1.0'))?.[1] ?? setting('system', 'font_scale')),
  ui.section('Other display controls'),
  switchOf('system', 'accelerometer_rotation', {icon: 'rotate', title: 'Auto-rotate screen'}),
  switchOf('system', 'status_bar_show_battery_percent', {icon: 'battery', title: 'Battery percentage', text: 'Show it in the status bar'}),
]});

page({name: 'brightness', title: 'Brightness level', icon: 'brightness', make: () => {
  const shown = h('b', {id: 'level'}, percent(brightness()));
  return [h('div', {class: 'value'}, shown, h('span', {}, 'brightness')), ui.slider({
    min: 1, max: 255, value: brightness(), label: 'Display brightness', id: 'brightness_slider', icon: 'brightness',
    oninput: (value) => { shown.textContent = percent(value); }, onchange: (value) => put('system', 'screen_brightness', value),
  }), h('div', {class: 'foot'}, 'The ends of the slider are the minimum and the maximum.')];
}});

page({name: 'font-size', title: 'Font size', icon: 'text', words: 'text larger', make: () => [
  h('div', {class: 'sample'}, 'The lamp at the end of the pier was lit every evening at six.'),
  ui.radios({value: setting('system', 'font_scale', '1.0'), options: SIZES.map(([value, title]) => ({value, title})), onchange: (value) => put('system', 'font_scale', value)}),
]});

const VOLUMES = [['volume_music', 'Media volume', 'music', 15], ['volume_voice', 'Call volume', 'phone', 7], ['volume_ring', 'Ring & notification volume', 'bell', 7], ['volume_alarm', 'Alarm volume', 'alarm', 7]];
page({name: 'sound', title: 'Sound & vibration', icon: 'volume', activity: 'com.android.settings.SoundSettings', words: 'volume ringtone alarm media vibrate', make: () => [
  ...VOLUMES.flatMap(([key, title, sign, max]) => [ui.section(title), ui.slider({min: 0, max, value: Number(setting('system', key, '5')), label: title, id: key, icon: sign, onchange: (value) => put('system', key, value)})]),
  link('do-not-disturb', setting('global', 'zen_mode', '0') === '0' ? 'Off' : 'On'),
  choiceOf('system', 'ringtone', {title: 'Phone ringtone', icon: 'music', otherwise: 'Pier', options: ['Pier', 'Gull', 'Tide', 'Beacon', 'None'].map((value) => ({value, title: value}))}),
  switchOf('system', 'vibrate_when_ringing', {icon: 'vibrate', title: 'Vibrate for calls'}),
  switchOf('system', 'haptic_feedback_enabled', {icon: 'vibrate', title: 'Touch vibration'}),
  switchOf('system', 'sound_effects_enabled', {icon: 'volume', title: 'Touch sounds'}),
]});

page({name: 'do-not-disturb', title: 'Do Not Disturb', icon: 'do-not-disturb', words: 'silence quiet zen', make: () => [
  hero({title: 'Use Do Not Disturb', checked: setting('global', 'zen_mode', '0') !== '0', onchange: (on) => put('global', 'zen_mode', on ? '1' : '0')}),
  choiceOf('global', 'zen_duration', {title: 'Duration for quick settings', icon: 'timer', otherwise: '0', options: [{value: '0', title: 'Until you turn it off'}, {value: '60', title: '1 hour'}, {value: '-1', title: 'Ask every time'}]}),
]});

page({name: 'notifications', title: 'Notifications', icon: 'bell', words: 'history bubbles', make: () => [
  link('do-not-disturb', setting('global', 'zen_mode', '0') === '0' ? 'Off' : 'On'),
  switchOf('secure', 'lock_screen_show_notifications', {icon: 'lock', title: 'Notifications on lock screen', otherwise: '1'}),
  switchOf('global', 'heads_up_notifications_enabled', {icon: 'message', title: 'Pop on screen', otherwise: '1'}),
  switchOf('secure', 'notification_history_enabled', {icon: 'history', title: 'Notification history'}),
]});
