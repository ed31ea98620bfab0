'use strict';
// The notification shade: quick settings, brightness, notifications. It opens small; pulled once more, or from the settings' side, whole.
const shade = (() => {
  const {el} = home;
  const root = document.getElementById('shade'), status = document.getElementById('statusbar');
  const head = el('div', {class: 'head'}), tiles = el('div', {class: 'tiles', 'data-id': 'quick_settings_panel'});
  const slider = el('input', {type: 'range', min: 1, max: 255, 'aria-label': 'Display brightness', 'data-id': 'slider'});
  const bright = el('div', {class: 'bright'}, slider, icon('brightness', 20));
  const list = el('div', {class: 'notes', 'data-id': 'notification_stack_scroller'});
  const foot = el('div', {class: 'foot'});
  const panel = el('div', {class: 'panel', 'data-id': 'notification_panel'}, head, bright, tiles, list, foot);
  root.append(panel);
  let whole = false, held = false, drawn = '', drawnNotes = '';

  const setting = device.setting;
  const start = (intent) => { show(false); return device.call(windows.SYSTEM, 'start', intent); };
  const wifiOn = () => ['1', '2'].includes(setting('global', 'wifi_on', '0'));
  const network = () => setting('secure', 'wifi_ssid', 'HarbourHouse') || 'On';
  const flip = (space, key, on = '1', off = '0', otherwise = off) => ({on: () => setting(space, key, otherwise) === on, set: (now) => device.put(space, key, now ? on : off)});

  // {name, sign, on(), set(on), about(on), page: the action of the settings' page that a long press opens}
  const TILES = [
    {name: 'Internet', sign: 'wifi', on: wifiOn, set: (on) => device.put('global', 'wifi_on', on ? (setting('global', 'airplane_mode_on') === '1' ? '2' : '1') : '0'),
      about: (on) => (on ? network() : setting('global', 'mobile_data', '1') === '1' && setting('global', 'airplane_mode_on') !== '1' ? 'Mobile data' : 'Off'), page: 'WIFI_SETTINGS'},
    {name: 'Bluetooth', sign: 'bluetooth', ...flip('global', 'bluetooth_on'), page: 'BLUETOOTH_SETTINGS'},
    {name: 'Do Not Disturb', sign: 'do-not-disturb', on: () => setting('global', 'zen_mode', '0') !== '0', set: (on) => device.put('global', 'zen_mode', on ? '1' : '0'), page: 'SOUND_SETTINGS'},
    {name: 'Flashlight', sign: 'flashlight', ...flip('secure', 'flashlight_enabled'), page: ''},
    {name: 'Auto-rotate', sign: 'rotate', ...flip('system', 'accelerometer_rotation'), page: 'DISPLAY_SETTINGS'},
    {name: 'Battery Saver', sign: 'battery-saver', ...flip('global', 'low_power'), page: 'BATTERY_SAVER_SETTINGS'},
    {name: 'Airplane mode', sign: 'airplane', ...flip('global', 'airplane_mode_on'), page: 'WIRELESS_SETTINGS'},
    {name: 'Mobile data', sign: 'data', ...flip('global', 'mobile_data'), page: 'WIRELESS_SETTINGS'},
    {name: 'Location', sign: 'place', on: () => setting('secure', 'location_mode', '3') !== '0', set: (on) => device.put('secure', 'location_mode', on ? '3' : '0'), page: 'LOCATION_SOURCE_SETTINGS'},
    {name: 'Dark theme', sign: 'moon', ...flip('secure', 'ui_night_mode', '2', '1'), page: 'DISPLAY_SETTINGS'},
  ];

  function tile(given) {
    const on = given.on();
    return el('button', {class: `tile${on ? ' on' : ''}`, role: 'switch', 'aria-checked': String(on), 'aria-label': given.name, 'data-page': given.page, 'data-long': true, onclick: () => given.set(!given.on())},
      icon(given.sign, 22), el('span', {class: 'words'}, el('span', {'data-id': 'tile_label'}, given.name), el('small', {'data-id': 'app_label'}, given.about?.(on) ?? (on ? 'On' : 'Off'))));
  }

  function age(then) {
    const minutes = Math.max(0, Math.floor((device.now() - then) / 60000));
    return minutes < 1 ? 'now' : minutes < 60 ? `${minutes}m` : minutes < 1440 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`;
  }

  async function openNote(note) {
    if (!device.app(note.package)?.folder) return;
    await lock.unlock();
    show(false);
    await device.call(windows.SYSTEM, 'start', {package: note.package});
    await dismiss(note.id);
  }

  const dismiss = (id) => device.call(windows.SYSTEM, 'dismiss', id);

  function card(note) {
    const entry = device.app(note.package) ?? {label: note.package === 'com.android.shell' ? 'Shell' : note.package};
    const made = el('button', {class: 'note', 'data-id': 'expandableNotificationRow', onclick: () => openNote(note)}, home.iconOf(entry), el('span', {class: 'words'},
      el('span', {class: 'from'}, el('span', {'data-id': 'app_name_text'}, entry.label), el('span', {'data-id': 'time'}, age(note.posted_ms))),
      el('span', {class: 'title', 'data-id': 'title'}, note.title), note.text ? el('span', {class: 'text', 'data-id': 'text'}, note.text) : null));
    windows.onSwipe(made, {
      move: (dx, dy) => { if (Math.abs(dx) > Math.abs(dy)) made.style.transform = `translateX(${dx}px)`; },
      end: ({direction}) => { made.style.transform = ''; if (direction === 'left' || direction === 'right') dismiss(note.id); },
      cancel: () => { made.style.transform = ''; },
    });
    return made;
  }

  const notes = () => [...device.mirror.notifications].reverse();
  const cards = () => notes().map(card);
  const keyOf = () => JSON.stringify(notes().map((note) => [note.id, note.package, note.title, note.text, age(note.posted_ms)]));

  function drawNotes() {
    const key = keyOf();
    if (key === drawnNotes) return;
    drawnNotes = key;
    list.replaceChildren(...(notes().length ? cards() : [el('div', {class: 'none', 'data-id': 'no_notifications'}, 'No notifications')]));
  }

  function draw() {
    if (root.hidden) return;
    drawNotes();
    if (!held) slider.value = Number(setting('system', 'screen_brightness', '102')) || 1;
    const time = device.format(device.now(), {hour: '2-digit', minute: '2-digit'}), level = device.mirror.battery.level ?? 100;
    const date = device.format(device.now(), {weekday: 'short', month: 'short', day: 'numeric'});
    const shown = whole ? TILES : TILES.slice(0, 4);
    const key = JSON.stringify([whole, time, date, level, notes().length > 0, shown.map((each) => [each.on(), each.about?.(each.on())])]);
    if (key === drawn) return;
    drawn = key;
    root.classList.toggle('whole', whole);
    bright.hidden = !whole;
    head.replaceChildren(el('span', {class: 'clock', 'data-id': 'clock'}, time), el('span', {'data-id': 'date'}, date), el('span', {class: 'gap'}),
      el('span', {'data-id': 'batteryRemainingIcon'}, `${level}%`));
    tiles.replaceChildren(...shown.map(tile));
    foot.replaceChildren(
      ...(whole ? [el('button', {class: 'round', 'aria-label': 'Open settings', 'data-id': 'settings_button_container', onclick: () => start({package: 'com.android.settings'})}, icon('settings', 22))] : []),
      el('span', {class: 'gap'}),
      ...(notes().length ? [el('button', {class: 'clear', 'data-id': 'dismiss_text', onclick: () => { show(false); dismiss(null); }}, 'Clear all')] : []));
  }

  function show(what) {
    const on = Boolean(what) && device.mirror.awake, was = !root.hidden;
    whole = on && (what === 'settings' || (what === 'more' && was));
    root.hidden = !on;
    drawn = drawnNotes = '';
    if (on) draw(); else held = false;
    if (on !== was) { panel.scrollTop = 0; windows.arranged(); }
  }

  slider.addEventListener('touchstart', () => { held = true; }, {passive: true});
  for (const name of ['touchend', 'touchcancel']) slider.addEventListener(name, () => { held = false; });
  slider.addEventListener('input', () => device.put('system', 'screen_brightness', slider.value));
  windows.onHold(tiles, '.tile', (node) => { if (node.dataset.page) start({action: `android.settings.${node.dataset.page}`}); });
  windows.onSwipe(status, {end: ({direction}) => { if (direction === 'down') show('notifications'); }});
  let atTop = true, atEnd = true;
  windows.onSwipe(panel, {begin: (event) => {
    atTop = panel.scrollTop <= 0;
    atEnd = panel.scrollTop + panel.clientHeight >= panel.scrollHeight - 2;
    return event.target !== slider;
  }, end: ({direction}) => {
    if (direction === 'up' && atEnd) show(false);
    if (direction === 'down' && atTop && !whole) show('more');
  }});
  root.addEventListener('click', (event) => { if (event.target === root) show(false); });
  windows.onSwipe(root, {begin: (event) => event.target === root, end: ({direction}) => { if (direction === 'up') show(false); }});
  device.on('shade', show);
  device.on('any', () => { if (!device.mirror.awake) show(false); draw(); });
  device.on('forget', () => show(false));
  setInterval(() => { if (device.mirror.clock.kind === 'running') draw(); }, 1000);
  bars.add({rank: 5, open: () => !root.hidden, close: () => show(false), focus: () => 'NotificationShade'});
  return {show, toggle: () => show(root.hidden ? 'notifications' : false), cards, keyOf};
})();
