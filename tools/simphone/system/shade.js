'use strict';
// The notification shade with its quick settings: a swipe down from the top opens it.
const shade = (() => {
  const {el} = home;
  const root = document.getElementById('shade'), bar = document.getElementById('statusbar');
  const open = () => !root.hidden;
  const get = (space, key) => device.setting(space, key, '0');
  const flip = (space, key, on = '1', off = '0') => device.put(space, key, get(space, key) === on ? off : on);
  const wifi = () => ['1', '2'].includes(get('global', 'wifi_on'));
  const TILES = [
    {id: 'wifi', icon: 'wifi', label: 'Wi-Fi', on: wifi, say: () => (wifi() ? device.setting('global', 'wifi_network', 'AndroidWifi') : 'Off'), tap: () => device.put('global', 'wifi_on', wifi() ? '0' : get('global', 'airplane_mode_on') === '1' ? '2' : '1')},
    {id: 'cell', icon: 'data', label: 'Mobile data', on: () => get('global', 'mobile_data') === '1', tap: () => flip('global', 'mobile_data')},
    {id: 'bt', icon: 'bluetooth', label: 'Bluetooth', on: () => get('global', 'bluetooth_on') === '1', tap: () => flip('global', 'bluetooth_on')},
    {id: 'flashlight', icon: 'flashlight', label: 'Flashlight', on: () => get('secure', 'flashlight_enabled') === '1', tap: () => flip('secure', 'flashlight_enabled')},
    {id: 'dnd', icon: 'do-not-disturb', label: 'Do Not Disturb', on: () => get('global', 'zen_mode') !== '0', tap: () => device.put('global', 'zen_mode', get('global', 'zen_mode') === '0' ? '1' : '0')},
    {id: 'airplane', icon: 'airplane', label: 'Airplane mode', on: () => get('global', 'airplane_mode_on') === '1', tap: () => flip('global', 'airplane_mode_on')},
    {id: 'rotation', icon: 'rotate', label: 'Auto-rotate', on: () => get('system', 'accelerometer_rotation') === '1', tap: () => flip('system', 'accelerometer_rotation')},
    {id: 'battery', icon: 'battery-saver', label: 'Battery Saver', on: () => get('global', 'low_power') === '1', tap: () => flip('global', 'low_power')},
    {id: 'dark', icon: 'moon', label: 'Dark theme', on: () => get('secure', 'ui_night_mode') === '2', tap: () => flip('secure', 'ui_night_mode', '2', '1')},
    {id: 'location', icon: 'place', label: 'Location', on: () => get('secure', 'location_mode') !== '0', tap: () => flip('secure', 'location_mode', '3', '0')},
  ];

  function show() {
    if (open()) return;
    document.activeElement?.blur?.();
    root.hidden = false;
    draw();
  }

  function close() {
    root.hidden = true;
    root.replaceChildren();
  }

  function tile(given) {
    const on = given.on(), say = given.say?.() ?? (on ? 'On' : 'Off');
    return el('button', {class: 'tile', role: 'switch', 'aria-checked': String(on), 'aria-label': `${given.label}, ${say}`, 'data-id': `tile_${given.id}`, onclick: given.tap},
      icon(given.icon, 22), el('span', {class: 'tile-text', 'data-skip': true}, el('b', {}, given.label), el('small', {}, say)));
  }

  function brightness() {
    const min = 1, max = 255;
    const done = el('i'), track = el('div', {class: 'dimmer', role: 'slider', 'aria-label': 'Display brightness', 'data-id': 'slider'}, done, icon('brightness', 20));
    const place = (value) => { done.style.width = `calc(44px + (100% - 44px) * ${(value - min) / (max - min)})`; };
    place(Number(device.setting('system', 'screen_brightness', '102')));
    let now = null;
    const move = (event) => {
      const box = track.getBoundingClientRect(), part = Math.min(1, Math.max(0, (event.clientX - box.left - 22) / (box.width - 44)));
      now = Math.round(min + part * (max - min));
      place(now);
    };
    track.addEventListener('pointerdown', (event) => { track.setPointerCapture(event.pointerId); move(event); });
    track.addEventListener('pointermove', (event) => { if (track.hasPointerCapture(event.pointerId)) move(event); });
    track.addEventListener('pointerup', () => { if (now !== null) device.put('system', 'screen_brightness', now); });
    return track;
  }

  function ago(then) {
    const minutes = Math.floor((device.now() - then) / 60000);
    return minutes < 1 ? 'now' : minutes < 60 ? `${minutes}m` : minutes < 1440 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`;
  }

  function note(given, live = true) {
    const entry = device.app(given.package) ?? {label: given.package};
    const made = el(live ? 'button' : 'div', {class: 'note', 'data-id': 'notification'},
      home.iconOf(entry), el('span', {class: 'note-text'}, el('small', {'data-id': 'app_name_text'}, `${entry.label} \u2022 ${ago(given.posted_ms)}`), el('b', {'data-id': 'title'}, given.title), el('span', {'data-id': 'text'}, given.text)));
    if (!live) return made;
    made.addEventListener('click', () => {
      close();
      device.call('android', 'dismiss', given.id);
      device.call('android', 'start', {package: given.package, extras: {notification: String(given.id), title: given.title, text: given.text}});
    });
    let start = null, moved = 0;
    made.addEventListener('touchstart', (event) => { start = event.touches[0].clientX; moved = 0; }, {passive: true});
    made.addEventListener('touchmove', (event) => { moved = event.touches[0].clientX - start; made.style.transform = `translateX(${moved}px)`; }, {passive: true});
    const end = () => { if (Math.abs(moved) > made.offsetWidth / 3) device.call('android', 'dismiss', given.id); else made.style.transform = ''; };
    made.addEventListener('touchend', end);
    made.addEventListener('touchcancel', end);
    return made;
  }

  function draw() {
    const top = root.querySelector('.shade-panel')?.scrollTop ?? 0;
    const notes = [...device.mirror.notifications].reverse();
    const panel = el('div', {class: 'shade-panel', 'data-id': 'quick_settings_panel'},
      el('div', {class: 'shade-head'}, el('span', {class: 'shade-clock', 'data-id': 'clock'}, device.format(device.now(), {hour: '2-digit', minute: '2-digit'})), el('span', {'data-id': 'date'}, device.format(device.now(), {weekday: 'short', month: 'short', day: 'numeric'})), el('span', {class: 'gap'}),
        el('button', {class: 'round', 'aria-label': 'Open settings.', 'data-id': 'settings_button', onclick: () => { close(); device.call('android', 'start', {package: 'com.android.settings'}); }}, icon('settings', 22)),
        el('button', {class: 'round', 'aria-label': 'Power menu', 'data-id': 'pm_lite', onclick: () => { close(); device.tell('powermenu'); }}, icon('lock', 20))),
      brightness(),
      el('div', {class: 'tiles'}, TILES.map(tile)),
      el('div', {class: 'notes-list', 'data-id': 'notification_stack_scroller'}, notes.length ? notes.map((each) => note(each)) : el('div', {class: 'no-notes', 'data-id': 'no_notifications'}, 'No notifications')),
      notes.length ? el('div', {class: 'notes-end'}, el('button', {class: 'clear', 'data-id': 'dismiss_text', onclick: () => device.call('android', 'dismiss', null)}, 'Clear all')) : null);
    root.replaceChildren(panel);
    panel.scrollTop = top;
  }

  drawer.onSwipe(bar, {down: () => show(), far: 20});
  drawer.onSwipe(root, {up: close, far: 60, free: (event) => { const panel = root.querySelector('.shade-panel'); return !event.target.closest('.dimmer') && (!panel || panel.scrollTop + panel.clientHeight >= panel.scrollHeight - 1); }});
  root.addEventListener('click', (event) => { if (event.target === root) close(); });
  device.on('shade', (wanted) => (wanted === '' ? close() : show()));
  device.on('collapse', close);
  device.on('any', (kinds) => { if (open() && ['settings', 'notifications', 'clock', 'packages'].some((kind) => kinds.has(kind))) draw(); });
  device.on('restart', close);
  device.on('power', close);
  bars.add({rank: 5, open, close});
  return {open, close, show, note, ago};
})();
