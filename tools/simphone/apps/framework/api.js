'use strict';
// What an app may ask of the phone. Every page of an app includes this first.
globalThis.phone = (() => {
  const device = parent.device, frame = device.attach(window), name = frame.package;
  const call = (method, ...values) => device.call(name, method, ...values);
  const backs = [], intents = [], offs = [];

  function dress() {
    const root = document.documentElement, scale = Number(device.setting('system', 'font_scale', '1')) || 1;
    root.style.fontSize = `${16 * scale}px`;
    root.classList.toggle('dark', device.setting('secure', 'ui_night_mode', '1') === '2');
    root.classList.toggle('still', !device.animations());
  }

  const api = {
    ready: new Promise((done) => { if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => done()); else done(); }),
    package: name,
    label: frame.label,
    intent: device.intentOf(device.taskOf(frame) ?? {extras: {}, activity: ''}),
    settings: {
      get: (space, key, otherwise = null) => device.setting(space, key, otherwise),
      put: (space, key, value) => { device.mirror.settings[space][key] = String(value); return call('settings.put', space, key, String(value)); },
      delete: (space, key) => { delete device.mirror.settings[space][key]; return call('settings.delete', space, key); },
    },
    sql: (path, statement, values = []) => call('sql', path, statement, values),
    files: {
      list: (path) => call('files.list', path), stat: (path) => call('files.stat', path), text: (path) => call('files.text', path),
      bytes: (path) => call('files.bytes', path), write: (path, text) => call('files.write', path, text),
      writeBytes: (path, data) => call('files.writeBytes', path, data), remove: (path) => call('files.remove', path),
      move: (from, to) => call('files.move', from, to), copy: (from, to) => call('files.copy', from, to),
      mkdir: (path) => call('files.mkdir', path), exists: (path) => call('files.exists', path),
    },
    fileUrl: (path) => `/files${path.split('/').map(encodeURIComponent).join('/')}`,
    now: () => new Date(device.now()),
    zone: () => device.mirror.clock.zone,
    format: (date, options) => device.format(date, options),
    hours24: () => device.setting('system', 'time_12_24', '24') !== '12',
    animations: () => device.animations(),
    on: (kind, fn) => { const off = device.on(kind, fn); offs.push(off); return off; },
    start: (intent) => call('start', intent),
    activity: (activity) => call('activity', activity),
    onBack: (fn) => { backs.push(fn); return () => backs.splice(backs.indexOf(fn), 1); },
    onIntent: (fn) => { intents.push(fn); },
    finish: () => call('finish'),
    leave: () => call('leave'),
    toast: (text) => device.tell('toast', String(text)),
    clipboard: {get: () => device.mirror.clipboard, set: (text) => { device.mirror.clipboard = String(text); return call('clipboard.set', String(text)); }},
    notify: (title, text) => call('notify', title, text),
    dismiss: (id) => call('dismiss', id),
    call: (number) => call('call', {state: 'dialing', number: String(number)}),
    callState: (state) => call('call', state),
    calling: () => device.mirror.call,
    sendSms: (number, text) => call('sms', String(number), String(text)),
    bars: (colour) => { frame.bars = colour; device.dress(); }, // the colour of the status and navigation bars; without it that of the page's root
    permission: (permission) => device.ask(frame, permission),
    packages: () => device.mirror.packages,
    props: () => device.mirror.props,
    device,
    call_: call,

    // A timer that follows the phone's clock: `fn` runs once for each full `ms` that passed on it, at most once a look.
    every(ms, fn) {
      let last = device.now(), timer = 0;
      const look = () => {
        const passed = device.now() - last;
        if (passed < 0) last = device.now();
        else if (passed >= ms) { last += Math.floor(passed / ms) * ms; fn(); }
      };
      const off = device.on('clock', look);
      offs.push(off);
      const running = () => device.mirror.clock.kind === 'running';
      const plan = () => { timer = setTimeout(() => { look(); plan(); }, running() ? Math.max(4, last + ms - device.now()) : 1e9); };
      if (running()) plan();
      return () => { clearTimeout(timer); off(); };
    },

    async handleBack() {
      for (const fn of [...backs].reverse()) if (await fn()) return true;
      return false;
    },
    receiveIntent(intent) {
      api.intent = intent;
      for (const fn of intents) fn(intent);
    },
  };

  addEventListener('pagehide', () => offs.forEach((off) => off()));
  api.on('settings', dress);
  dress();
  addEventListener('contextmenu', (event) => event.preventDefault());
  return api;
})();
