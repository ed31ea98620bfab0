'use strict';
// Dialogs of the system: any with a title and buttons, those of a crash, and the questions for permissions. The topmost one is drawn.
const dialogs = (() => {
  const {el} = home;
  const root = document.getElementById('dialogs');
  const open = []; // {kind, focus, owner, title, text, buttons: [{label, id, value}], done(value), task, sign}
  const GRANT = 'com.google.android.permissioncontroller';
  const plain = (text) => text.replace(/[{}\s]+/g, ' ').trim();

  const visible = () => open.filter((one) => !one.task || device.front()?.id === one.task);
  const top = () => visible().at(-1) ?? null;

  function answer(one, value) {
    const at = open.indexOf(one);
    if (at < 0) return;
    open.splice(at, 1);
    draw();
    one.done(value);
  }

  function draw() {
    const one = top();
    if (root.shown === one && Boolean(one) === root.childElementCount > 0) return;
    root.shown = one;
    root.replaceChildren();
    root.dataset.package = one?.owner ?? 'android';
    if (one) {
      root.append(el('div', {class: `dialog ${one.kind}`, role: 'dialog', 'data-id': 'parentPanel'},
        one.sign ? el('div', {class: 'sign'}, icon(one.sign, 26)) : null,
        one.title ? el('div', {class: 'title', 'data-id': one.titleId ?? 'alertTitle'}, one.title) : null,
        one.text ? el('div', {class: 'text', 'data-id': 'message'}, one.text) : null,
        el('div', {class: 'buttons'}, one.buttons.map((button) => el('button', {'data-id': button.id, onclick: () => answer(one, button.value)}, button.sign ? icon(button.sign, 22) : null, button.label)))));
    }
    windows.arranged();
  }

  function show(one) { open.push(one); draw(); }

  function ask({id, title, text, buttons}) {
    show({kind: 'plain', focus: plain(title) || 'android', owner: 'android', title, text,
      buttons: buttons.map((label, index) => ({label, value: index, id: `button${index + 1}`})),
      done: (value) => device.call(windows.SYSTEM, 'dialog', id, value)});
  }

  function crash({package: name, label}) {
    if (open.some((one) => one.focus === `Application Error: ${name}`)) return;
    show({kind: 'crash', focus: `Application Error: ${name}`, owner: 'android', title: `${label} keeps stopping`, text: '',
      buttons: [{label: 'App info', sign: 'info', id: 'aerr_app_info', value: 'info'}, {label: 'Close app', sign: 'close', id: 'aerr_close', value: 'close'}],
      done: (value) => { if (value === 'info') drawer.info(name); }});
  }

  // Permissions that people are asked for: what the question says, the sign, and whether it is only given while the app is used.
  const ASKED = [
    [/^CAMERA$/, 'take pictures and record video', 'camera', true], [/^RECORD_AUDIO$/, 'record audio', 'mic', true],
    [/LOCATION$/, 'access this device\u2019s location', 'place', true], [/CONTACTS$|^GET_ACCOUNTS$/, 'access your contacts', 'people'],
    [/CALENDAR$/, 'access your calendar', 'calendar'], [/SMS$/, 'send and view SMS messages', 'message'], [/CALL_LOG$/, 'access your phone call logs', 'history'],
    [/^(CALL_PHONE|READ_PHONE_STATE)$/, 'make and manage phone calls', 'phone'], [/^READ_MEDIA_AUDIO$/, 'access music and audio on this device', 'music'],
    [/^READ_MEDIA|EXTERNAL_STORAGE$/, 'access photos and media on this device', 'folder'], [/^POST_NOTIFICATIONS$/, 'send you notifications', 'bell'],
    [/^BLUETOOTH/, 'find, connect to, and determine the relative position of nearby devices', 'devices'],
  ];
  const once = new Map(); // task id -> permissions that end with the task
  const refused = new Map(); // `package permission` -> how often; after the second time nobody asks again (Android 11)

  // Whether an app may do something; asks if that is not decided. A permission that nobody is asked for is the app's if its manifest names it.
  async function permission(frame, wanted, why = '') {
    const name = wanted.includes('.') ? wanted : `android.permission.${wanted}`, key = `${frame.package} ${name}`;
    const entry = device.app(frame.package);
    if (entry?.permissions.includes(name)) return true;
    const [, does, sign, whileUsed] = ASKED.find(([pattern]) => pattern.test(name.replace('android.permission.', ''))) ?? [];
    if (!does) return Boolean(entry?.asks.includes(name));
    if (!entry?.asks.includes(name) || (refused.get(key) ?? 0) >= 2) return false;
    const given = await new Promise((done) => show({
      kind: 'grant', focus: `${GRANT}/com.android.permissioncontroller.permission.ui.GrantPermissionsActivity`, owner: GRANT, task: frame.id, sign,
      titleId: 'permission_message', title: `Allow ${entry.label} to ${does}?`, text: why, done,
      buttons: [...(whileUsed ? [{label: 'While using the app', id: 'permission_allow_foreground_only_button', value: 'always'}, {label: 'Only this time', id: 'permission_allow_one_time_button', value: 'once'}]
        : [{label: 'Allow', id: 'permission_allow_button', value: 'always'}]), {label: 'Don\u2019t allow', id: 'permission_deny_button', value: 'no'}],
    }));
    if (given !== 'always' && given !== 'once') {
      if (given === 'no') refused.set(key, (refused.get(key) ?? 0) + 1);
      return false;
    }
    await device.call(windows.SYSTEM, 'permission', frame.package, name, true);
    if (given === 'once') once.set(frame.id, [...(once.get(frame.id) ?? []), name]);
    return true;
  }
  device.ask = permission;

  function dropped(frame) {
    for (const one of open.filter((each) => each.task === frame.id)) open.splice(open.indexOf(one), 1);
    for (const name of once.get(frame.id) ?? []) device.call(windows.SYSTEM, 'permission', frame.package, name, false);
    once.delete(frame.id);
  }

  device.on('dialog', (detail) => ask(JSON.parse(detail)));
  device.on('crash', (detail) => crash(JSON.parse(detail)));
  device.on('dropped', dropped);
  device.on('forget', () => { open.length = 0; once.clear(); refused.clear(); });
  device.on('any', draw);
  bars.add({rank: 6, open: () => Boolean(top()), close: () => answer(top(), top().kind === 'grant' ? '' : -1), focus: () => top().focus, get stays() { return top()?.kind === 'grant'; }});
  return {permission};
})();
