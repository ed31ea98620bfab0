'use strict';
// Pages that are lists of settings and nothing more.
const TIMEOUTS = [[15, '15 seconds'], [30, '30 seconds'], [60, '1 minute'], [120, '2 minutes'], [300, '5 minutes'], [600, '10 minutes'], [1800, '30 minutes']].map(([seconds, title]) => ({value: String(seconds * 1000), title}));
const SIZES = [['0.85', 'Small'], ['1.0', 'Default'], ['1.15', 'Large'], ['1.3', 'Largest']];

page('display', {
  title: 'Display', icon: 'brightness', text: 'Dark theme, font size, brightness', activity: 'DisplaySettingsActivity', words: 'brightness adaptive dark theme screen timeout rotate font',
  rows: () => [
    ui.section('Brightness'),
    level({space: 'system', key: 'screen_brightness', title: 'Brightness level', icon: 'brightness', min: 1, max: 255, otherwise: 102}),
    setting({space: 'system', key: 'screen_brightness_mode', title: 'Adaptive brightness', text: 'Optimize brightness for available light'}),
    ui.section('Lock display'),
    choice({space: 'system', key: 'screen_off_timeout', title: 'Screen timeout', options: TIMEOUTS, otherwise: '60000'}),
    setting({space: 'secure', key: 'lock_screen_show_notifications', title: 'Notifications on lock screen', otherwise: '1'}),
    ui.section('Appearance'),
    setting({space: 'secure', key: 'ui_night_mode', title: 'Dark theme', on: '2', off: '1'}),
    link('text', {title: 'Display size and text'}),
    ui.section('Other display controls'),
    setting({space: 'system', key: 'accelerometer_rotation', title: 'Auto-rotate screen'}),
  ],
});

page('text', {
  title: 'Font size', icon: 'text', parent: 'display', text: () => SIZES.find(([value]) => Number(value) === Number(get('system', 'font_scale', '1.0')))?.[1] ?? get('system', 'font_scale'), words: 'font size text large',
  rows: () => {
    const now = SIZES.findIndex(([value]) => Number(value) === Number(get('system', 'font_scale', '1.0')));
    return [
      ui.h('div', {class: 'sample'}, 'The quick brown fox jumps over the lazy dog. Text on this phone will have this size.'),
      ui.radios({options: SIZES.map(([value, title]) => ({value, title})), value: SIZES[now]?.[0], onchange: async (value) => { await put('system', 'font_scale', value); ui.screens.refresh(); }}),
    ];
  },
});

page('sound', {
  title: 'Sound & vibration', icon: 'volume', text: 'Volume, vibration, Do Not Disturb', activity: 'SoundSettingsActivity', words: 'volume ring media alarm vibrate do not disturb',
  rows: () => [
    level({space: 'system', key: 'volume_music', title: 'Media volume', icon: 'music', min: 0, max: 15, otherwise: 5}),
    level({space: 'system', key: 'volume_voice', title: 'Call volume', icon: 'phone', min: 1, max: 7, otherwise: 4}),
    level({space: 'system', key: 'volume_ring', title: 'Ring volume', icon: 'bell', min: 0, max: 7, otherwise: 5}),
    level({space: 'system', key: 'volume_notification', title: 'Notification volume', icon: 'message', min: 0, max: 7, otherwise: 5}),
    level({space: 'system', key: 'volume_alarm', title: 'Alarm volume', icon: 'alarm', min: 1, max: 7, otherwise: 6}),
    link('zen', {icon: undefined}),
    setting({space: 'system', key: 'vibrate_when_ringing', title: 'Vibrate for calls'}),
    setting({space: 'system', key: 'haptic_feedback_enabled', title: 'Touch feedback', text: 'Vibrate when you tap', otherwise: '1'}),
    setting({space: 'system', key: 'dtmf_tone', title: 'Dial pad tones', otherwise: '1'}),
    setting({space: 'system', key: 'lockscreen_sounds_enabled', title: 'Screen locking sound', otherwise: '1'}),
    setting({space: 'system', key: 'sound_effects_enabled', title: 'Tap & click sounds', otherwise: '1'}),
  ],
});

page('zen', {
  title: 'Do Not Disturb', icon: 'do-not-disturb', parent: 'sound', text: () => (is('global', 'zen_mode', '0') ? 'Off' : 'On'), activity: 'ZenModeSettingsActivity', words: 'quiet silent dnd',
  rows: () => [
    setting({space: 'global', key: 'zen_mode', title: 'Use Do Not Disturb', checked: !is('global', 'zen_mode', '0')}),
    choice({space: 'global', key: 'zen_duration', title: 'Duration for Quick Settings', otherwise: '0', options: [{value: '0', title: 'Until you turn off'}, {value: '60', title: 'For one hour'}, {value: '240', title: 'For 4 hours'}, {value: '-1', title: 'Ask every time'}]}),
  ],
});

page('battery', {
  title: 'Battery', icon: 'battery', text: () => `${phone.device.mirror.battery.level ?? 100}%`, activity: 'PowerUsageSummaryActivity', words: 'battery saver percentage power',
  rows: () => {
    const {level: charge = 100, status} = phone.device.mirror.battery;
    return [
      ui.h('div', {class: 'figure', id: 'usage_summary'}, `${charge}%`), ui.h('div', {class: 'meter'}, ui.h('div', {class: 'ui-progress'}, ui.h('i', {style: `width:${charge}%`}))),
      info('Status', status === 2 ? 'Charging' : status === 5 ? 'Full' : 'Not charging'),
      link('saver'),
      setting({space: 'system', key: 'status_bar_show_battery_percent', title: 'Battery percentage', text: 'Show battery percentage in status bar'}),
    ];
  },
});

page('saver', {
  title: 'Battery Saver', icon: 'battery-saver', parent: 'battery', text: () => (is('global', 'low_power') ? 'On' : 'Off'), words: 'power saving low',
  rows: () => [
    setting({space: 'global', key: 'low_power', title: 'Use Battery Saver', text: 'Turns on Dark theme and limits background activity'}),
    setting({space: 'global', key: 'low_power_sticky_auto_disable_enabled', title: 'Turn off when charged', text: 'Battery Saver turns off at 90%', otherwise: '1'}),
  ],
});

const LOCKS = [{value: '1', title: 'None'}, {value: '0', title: 'Swipe'}];
page('security', {
  title: 'Security', icon: 'security', text: 'Screen lock', activity: 'SecurityDashboardActivity', words: 'screen lock swipe none pin password',
  rows: () => [
    ui.section('Device security'),
    choice({space: 'secure', key: 'lockscreen.disabled', title: 'Screen lock', options: LOCKS, otherwise: '0'}),
    ui.section('More security'),
    setting({space: 'system', key: 'show_password', title: 'Show passwords', text: 'Display characters briefly as you type', otherwise: '1'}),
    setting({space: 'secure', key: 'install_non_market_apps', title: 'Install unknown apps', otherwise: '1'}),
  ],
});

page('location', {
  title: 'Location', icon: 'place', text: () => (is('secure', 'location_mode', '0') ? 'Off' : 'On'), activity: 'LocationSettingsActivity', words: 'gps position',
  rows: () => [
    setting({space: 'secure', key: 'location_mode', title: 'Use location', on: '3', off: '0', after: () => ui.screens.refresh()}),
    setting({space: 'global', key: 'wifi_scan_always_enabled', title: 'Wi-Fi scanning', disabled: is('secure', 'location_mode', '0')}),
    setting({space: 'global', key: 'ble_scan_always_enabled', title: 'Bluetooth scanning', disabled: is('secure', 'location_mode', '0')}),
    note('Location may use sources like GPS, Wi-Fi, mobile networks and sensors to help estimate where your device is.'),
  ],
});

page('accessibility', {
  title: 'Accessibility', icon: 'accessibility', text: 'Display, interaction, audio', activity: 'AccessibilitySettingsActivity', words: 'animations color inversion high contrast mono audio captions',
  rows: () => [
    ui.section('Display'),
    link('text', {title: 'Display size and text'}),
    setting({space: 'secure', key: 'accessibility_display_inversion_enabled', title: 'Color inversion'}),
    setting({space: 'secure', key: 'high_text_contrast_enabled', title: 'High contrast text'}),
    setting({space: 'global', key: 'animator_duration_scale', title: 'Remove animations', text: 'Reduce movement on the screen', checked: !phone.animations(), change: async (on) => { for (const key of ['animator_duration_scale', 'transition_animation_scale', 'window_animation_scale']) await put('global', key, on ? '0' : '1'); }}),
    ui.section('Interaction controls'),
    choice({space: 'secure', key: 'long_press_timeout', title: 'Touch & hold delay', otherwise: '400', options: [{value: '400', title: 'Short'}, {value: '1000', title: 'Medium'}, {value: '1500', title: 'Long'}]}),
    setting({space: 'secure', key: 'accessibility_large_pointer_icon', title: 'Large mouse pointer'}),
    ui.section('Audio'),
    setting({space: 'system', key: 'master_mono', title: 'Mono audio'}),
    setting({space: 'secure', key: 'accessibility_captioning_enabled', title: 'Show captions'}),
  ],
});
