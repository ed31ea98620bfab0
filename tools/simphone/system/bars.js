'use strict';
// Status bar and navigation bar, and what the three buttons do.
const bars = (() => {
  const {el} = home;
  const status = document.getElementById('statusbar'), navigation = document.getElementById('navbar');
  const clock = el('span', {class: 'clock', 'data-id': 'clock'}), signs = el('span', {class: 'signs'}), notes = el('span', {class: 'notes'});
  status.append(clock, notes, el('span', {class: 'gap'}), signs);
  navigation.append(
    el('button', {'aria-label': 'Back', 'data-id': 'back', onclick: () => back()}, icon('nav-back', 22)),
    el('button', {'aria-label': 'Home', 'data-id': 'home', onclick: () => goHome()}, icon('nav-home', 22)),
    el('button', {'aria-label': 'Overview', 'data-id': 'recent_apps', onclick: () => device.tell('recents')}, icon('nav-recents', 22)),
  );
  const layers = []; // {rank, open(), close(), stays, focus(): the window's name for adb} from the lowest to the topmost: drawer 1, recents 2, keyboard 3, menus 4, shade 5, dialogs 6
  const add = (layer) => { layers.push(layer); layers.sort((a, b) => a.rank - b.rank); };

  function goHome() {
    closeLayers();
    if (!device.mirror.locked) device.call('com.android.systemui', 'home');
    return true;
  }

  const closeLayers = () => { for (const layer of [...layers].reverse()) if (layer.open() && !layer.stays) layer.close(); };

  async function back() {
    const layer = [...layers].reverse().find((each) => each.open());
    if (layer) { layer.close(); return true; }
    if (device.keyguard()) return true;
    const frame = device.frontFrame();
    if (!frame) return true;
    let handled = false;
    try { handled = await frame.view?.phone?.handleBack(); } catch (error) { console.error(error); }
    if (!handled) await device.call(frame.package, 'leave');
    return true;
  }

  function draw() {
    const on = (key) => ['1', '2'].includes(device.setting('global', key));
    const hour = {hour: '2-digit', minute: '2-digit'};
    const text = device.format(device.now(), hour).replace(/^0(?=\d:\d\d [AP])/, '').replace(/ [AP]M$/, '');
    if (clock.textContent !== text) clock.textContent = text;
    const plane = device.setting('global', 'airplane_mode_on') === '1';
    const level = device.mirror.battery.level ?? 100;
    const wanted = [
      [device.setting('global', 'zen_mode', '0') !== '0', 'do-not-disturb', 'Do not disturb'],
      [device.setting('global', 'bluetooth_on') === '1', 'bluetooth', 'Bluetooth on'],
      [plane, 'airplane', 'Aeroplane mode'],
      [on('wifi_on'), 'wifi', 'Wi-Fi signal full'],
      [!plane, 'signal', 'Phone signal full'],
    ].filter(([shown]) => shown);
    const key = JSON.stringify([wanted.map((each) => each[1]), level, device.mirror.battery.status, device.mirror.notifications.map((note) => note.package)]);
    if (signs.dataset.key === key) return;
    signs.dataset.key = key;
    signs.replaceChildren(...wanted.map(([, name, label]) => el('span', {'aria-label': label, class: 'sign'}, icon(name, 16))),
      el('span', {class: 'battery', 'aria-label': `Battery ${level} per cent`}, el('i', {style: `width:${Math.max(6, level)}%`})));
    notes.replaceChildren(...[...new Set(device.mirror.notifications.map((note) => note.package))].slice(0, 4).map((name) => {
      const entry = device.app(name) ?? {label: name};
      return el('span', {class: 'note-sign', 'aria-label': `${entry.label} notification`}, home.iconOf(entry));
    }));
  }

  device.on('any', draw);
  setInterval(() => { if (device.mirror.clock.kind === 'running') draw(); }, 500);

  const VOLUME = {24: 1, 25: -1, 164: 0};
  // Keys that the system takes; whether it did.
  const KEYS = {4: back, 82: () => lock.unlock(), 83: () => shade.toggle(), 187: () => device.tell('recents'), 284: () => device.tell('drawer', true)};
  const LOCKED = [4, 82, 83]; // what works on the lock screen, too
  device.key = async (code, long) => {
    if (device.keyguard() ? !LOCKED.includes(code) && !(code in VOLUME) : code === 82) return device.keyguard();
    if (code in VOLUME) { device.tell('volume', VOLUME[code]); return true; }
    if (!(code in KEYS)) return false;
    await KEYS[code](long);
    return true;
  };
  device.home = () => { closeLayers(); return false; };
  return {layers, add, back, goHome, closeLayers, KEYS};
})();
