'use strict';
// What comes up over everything: dialogs of the system, toasts, the volume, the bar for cutting and pasting.
const dialogs = (() => {
  const {el} = home;
  const root = document.getElementById('dialogs'), toasts = document.getElementById('toasts'), volume = document.getElementById('volume'), textbar = document.getElementById('textbar');
  const stack = []; // {element, close}

  // Buttons are {label, fn, id}; `rows` puts them below each other, as the dialog of a crash does.
  function ask({title, text, buttons, rows = false, sign, leave = () => {}}) {
    const close = () => {
      const index = stack.indexOf(entry);
      if (index < 0) return false;
      stack.splice(index, 1);
      entry.element.remove();
      return true;
    };
    const tap = (fn) => () => { if (close()) fn?.(); };
    const entry = {
      element: el('div', {class: 'scrim'}, el('div', {class: 'box', role: 'alertdialog'}, sign && el('div', {class: 'sign-big'}, icon(sign, 26)), title && el('div', {class: 'title', 'data-id': 'alertTitle'}, title), text && el('div', {class: 'text', 'data-id': 'message'}, text),
        el('div', {class: rows ? 'rows' : 'buttons'}, buttons.map((each, index) => el('button', {'data-id': each.id ?? `button${index + 1}`, onclick: tap(each.fn)}, each.icon && icon(each.icon, 22), each.label))))),
      close: tap(leave),
    };
    document.activeElement?.blur?.();
    stack.push(entry);
    root.append(entry.element);
    return close;
  }

  device.on('dialog', (detail) => {
    const {id, title, text, buttons} = JSON.parse(detail);
    const answer = (index) => device.call('android', 'dialog', id, index);
    ask({title, text, buttons: buttons.map((label, index) => ({label, fn: () => answer(index)})), leave: () => answer(-1)});
  });

  device.on('crash', (detail) => {
    const {package: name, label} = JSON.parse(detail);
    ask({title: `${label} keeps stopping`, rows: true, buttons: [
      {label: 'App info', icon: 'info', id: 'aerr_app_info', fn: () => device.call('android', 'start', {package: 'com.android.settings', action: 'android.settings.APPLICATION_DETAILS_SETTINGS', data: `package:${name}`})},
      {label: 'Close app', icon: 'close', id: 'aerr_close'}]});
  });

  device.on('anr', (detail) => {
    const {package: name, label} = JSON.parse(detail);
    ask({title: `${label} isn't responding`, rows: true, buttons: [{label: 'Close app', icon: 'close', id: 'aerr_close', fn: () => device.call('android', 'stop', name)}, {label: 'Wait', icon: 'clock', id: 'aerr_wait'}]});
  });

  const ASKS = {CAMERA: 'take pictures and record video', READ_CONTACTS: 'access your contacts', WRITE_CONTACTS: 'access your contacts', CALL_PHONE: 'make and manage phone calls', SEND_SMS: 'send and view SMS messages', READ_SMS: 'send and view SMS messages',
    READ_CALENDAR: 'access your calendar', WRITE_CALENDAR: 'access your calendar', ACCESS_FINE_LOCATION: "access this device's location", RECORD_AUDIO: 'record audio', POST_NOTIFICATIONS: 'send you notifications', READ_EXTERNAL_STORAGE: 'access photos and media', READ_MEDIA_IMAGES: 'access photos and videos'};

  // Whether the app may: asks when it was not granted. Resolves to true or false.
  device.ask = (frame, permission) => {
    const entry = device.app(frame.package), name = permission.includes('.') ? permission : `android.permission.${permission}`;
    if (entry?.permissions.includes(name)) return Promise.resolve(true);
    return new Promise((answer) => {
      const grant = async () => { await device.call('android', 'permission', frame.package, name, true); answer(true); };
      ask({sign: 'security', title: `Allow ${frame.label} to ${ASKS[name.split('.').pop()] ?? `use ${name}`}?`, rows: true, leave: () => answer(false), buttons: [
        {label: 'While using the app', id: 'permission_allow_foreground_only_button', fn: grant}, {label: 'Only this time', id: 'permission_allow_one_time_button', fn: () => answer(true)}, {label: "Don't allow", id: 'permission_deny_button', fn: () => answer(false)}]});
    });
  };

  device.on('powermenu', () => ask({rows: true, buttons: [{label: 'Lock', icon: 'lock', fn: () => device.call('android', 'power', false, true)}, {label: 'Restart', icon: 'refresh', fn: () => device.call('android', 'reboot')}, {label: 'Cancel', icon: 'close'}]}));

  // Toasts, one after the other.
  const TOAST_MS = 2000;
  let toasting = 0;
  device.on('toast', (text) => {
    clearTimeout(toasting);
    const entry = device.front() ? device.app(device.front().package) : null;
    toasts.replaceChildren(el('div', {class: 'toast'}, entry && home.iconOf(entry), el('span', {'data-id': 'message'}, text)));
    toasting = setTimeout(() => toasts.replaceChildren(), TOAST_MS);
  });

  // The volume, from the keys at the side.
  const MOST = 15;
  let fading = 0;
  const hideVolume = () => { volume.hidden = true; volume.replaceChildren(); };
  device.on('volume', (step) => {
    const old = Number(device.setting('system', 'volume_music', '5')), next = step === 0 ? 0 : Math.min(MOST, Math.max(0, old + step));
    device.put('system', 'volume_music', next);
    volume.hidden = false;
    volume.replaceChildren(el('div', {class: 'level', role: 'slider', 'aria-label': 'Media volume', 'data-id': 'volume_row_slider'}, el('i', {style: `height:${(next / MOST) * 100}%`})), icon(next ? 'volume' : 'mute', 22));
    clearTimeout(fading);
    fading = setTimeout(hideVolume, 2000);
  });

  // Cut, copy, paste: after a long press in a field.
  const closeBar = () => { textbar.hidden = true; textbar.replaceChildren(); };
  function showBar(field, x, y) {
    const page = field.ownerDocument, chosen = field.selectionStart !== field.selectionEnd;
    const button = (label, fn) => {
      const made = el('button', {'data-id': 'floating_toolbar_menu_item_text'}, label);
      made.addEventListener('touchend', (event) => { event.preventDefault(); closeBar(); fn(); }, {passive: false});
      made.addEventListener('touchstart', (event) => event.preventDefault(), {passive: false});
      return made;
    };
    textbar.replaceChildren(...[chosen && button('Cut', () => page.execCommand('cut')), chosen && button('Copy', () => page.execCommand('copy')), device.mirror.clipboard && button('Paste', () => page.execCommand('insertText', false, device.mirror.clipboard)),
      field.value && button('Select all', () => { field.select(); showBar(field, x, y); })].filter(Boolean));
    if (!textbar.childElementCount) return;
    textbar.hidden = false;
    const box = textbar.getBoundingClientRect();
    textbar.style.left = `${Math.max(8, Math.min(innerWidth - box.width - 8, x - box.width / 2))}px`;
    textbar.style.top = `${y - box.height - 28 > 30 ? y - box.height - 28 : y + 28}px`;
  }

  function watch(view, place) {
    view.addEventListener('contextmenu', (event) => {
      const field = event.target;
      if (!device.isField(field) || field.select === undefined) return;
      field.focus();
      const at = place();
      setTimeout(() => showBar(field, event.clientX + at.x, event.clientY + at.y));
    });
    view.addEventListener('touchstart', closeBar, {passive: true, capture: true});
    view.addEventListener('input', closeBar);
  }
  watch(window, () => ({x: 0, y: 0}));
  device.on('attached', (frame) => watch(frame.view, () => { const box = frame.element.getBoundingClientRect(); return {x: box.left, y: box.top}; }));

  const open = () => stack.length > 0;
  const close = () => stack[stack.length - 1].close();
  const reset = () => { while (stack.length) stack.pop().element.remove(); toasts.replaceChildren(); hideVolume(); closeBar(); };
  device.on('restart', reset);
  bars.add({rank: 6, open, close});
  bars.add({rank: 4, open: () => !textbar.hidden, close: closeBar});
  return {ask, open};
})();
