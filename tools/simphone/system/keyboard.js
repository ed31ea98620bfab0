'use strict';
// The soft keyboard: shows when a field has the focus, types into it, and gives way to BACK.
const keyboard = (() => {
  const {el} = home;
  const root = document.getElementById('keyboard');
  const LATIN = 'com.android.inputmethod.latin/.LatinIME';
  const PAGES = {
    letters: ['qwertyuiop', 'asdfghjkl', '\u21e7zxcvbnm\u232b'],
    symbols: ['1234567890', '@#$_&-+()/', '\u2261*"\':;!?\u232b'],
    more: ['~`|\u2022\u221a\u03c0\u00f7\u00d7\u00b6\u2206', '\u00a3\u20ac\u00a5^\u00b0={}\\%', '\u2263\u00a9\u00ae\u2122\u2713[]\u232b'],
    numbers: ['123-', '456 ', '789\u232b', ',0.\u21b5'],
    dial: ['123-', '456+', '789\u232b', '*0#\u21b5'],
  };
  const ACTIONS = {search: 'search', go: 'forward', send: 'send', next: 'forward', done: 'check', previous: 'back'};
  let page = 'letters', shift = 'off', target = null, dismissed = false;

  const enabled = () => device.setting('secure', 'default_input_method') === LATIN;
  const open = () => !root.hidden;

  function pageOf(field) {
    const mode = field.inputMode || field.type;
    if (['number', 'numeric', 'decimal', 'date', 'time'].includes(mode)) return 'numbers';
    return mode === 'tel' ? 'dial' : 'letters';
  }

  function show(field) {
    if (!enabled() || field.inputMode === 'none') { hide(); return; }
    if (field !== target) { page = pageOf(field); shift = 'off'; }
    target = field;
    dismissed = false;
    root.hidden = false;
    capitalise();
    draw();
    settle();
  }

  function hide() {
    if (root.hidden) return;
    root.hidden = true;
    settle();
  }

  // The app's frame ends where the keyboard begins, and the field stays in sight.
  function settle() {
    const height = root.hidden ? 0 : root.offsetHeight;
    document.documentElement.style.setProperty('--keyboard', `${height}px`);
    document.body.classList.toggle('typing', height > 0);
    globalThis.bridgeNote?.('keyboard', height);
    if (height) requestAnimationFrame(() => { if (device.isField(target)) target.scrollIntoView({block: 'nearest'}); });
  }

  // A capital at the start of a sentence, where the field wants it.
  function capitalise() {
    if (page !== 'letters' || shift === 'lock' || !target) return;
    const wants = (target.getAttribute('autocapitalize') ?? 'none');
    let before = '';
    try { before = target.isContentEditable ? target.textContent : target.value.slice(0, target.selectionStart ?? 0); } catch { before = target.value ?? ''; }
    const start = before === '' || /\n$/.test(before);
    const up = (wants === 'sentences' && (start || /[.!?]\s+$/.test(before))) || (wants === 'words' && (start || /\s$/.test(before))) || wants === 'characters';
    shift = up ? 'once' : 'off';
  }

  const LABELS = {'\u21e7': 'Shift', '\u232b': 'Delete', '\u21b5': 'Enter', '\u2261': 'More symbols', '\u2263': 'Symbols', ' ': 'Space'};

  function key(sign, {wide = 1, label, shows, onpress, kind = ''} = {}) {
    const made = el('button', {class: `key ${kind}`, style: `flex:${wide}`, 'aria-label': label ?? LABELS[sign] ?? sign}, shows ?? sign);
    made.addEventListener('touchstart', (event) => { event.preventDefault(); made.classList.add('down'); }, {passive: false});
    made.addEventListener('touchend', (event) => { event.preventDefault(); made.classList.remove('down'); onpress(); }, {passive: false});
    made.addEventListener('touchcancel', () => made.classList.remove('down'));
    made.addEventListener('mousedown', (event) => event.preventDefault());
    return made;
  }

  function type(text) {
    const field = device.field();
    if (!field) return;
    field.ownerDocument.execCommand('insertText', false, text);
    if (shift === 'once') shift = 'off';
    capitalise();
    draw();
  }

  function erase() {
    const field = device.field();
    if (!field) return;
    field.ownerDocument.execCommand('delete');
    capitalise();
    draw();
  }

  const enter = () => { if (target?.tagName === 'TEXTAREA' || target?.isContentEditable) type('\n'); else device.call(LATIN, 'ime.enter'); };

  function press(sign) {
    if (sign === '\u232b') erase();
    else if (sign === '\u21b5') enter();
    else if (sign === '\u21e7') { shift = {off: 'once', once: 'lock', lock: 'off'}[shift]; draw(); }
    else if (sign === '\u2261') { page = 'more'; draw(); }
    else if (sign === '\u2263') { page = 'symbols'; draw(); }
    else type(shift !== 'off' && page === 'letters' ? sign.toUpperCase() : sign);
  }

  function draw() {
    const upper = shift !== 'off' && page === 'letters', plain = page === 'numbers' || page === 'dial';
    const rows = PAGES[page].map((line) => el('div', {class: 'keys'}, [...line].map((sign) => {
      if (sign === '\u21e7') return key(sign, {wide: 1.5, kind: `special${shift === 'lock' ? ' locked' : ''}`, shows: icon(upper ? 'shift-filled' : 'shift', 20), onpress: () => press(sign)});
      if (sign === '\u232b') return key(sign, {wide: plain ? 1 : 1.5, kind: 'special', shows: icon('backspace', 20), onpress: () => press(sign)});
      if (sign === '\u21b5') return enterKey(1);
      if (sign === '\u2261') return key(sign, {wide: 1.5, kind: 'special', shows: '=\\<', onpress: () => press(sign)});
      if (sign === '\u2263') return key(sign, {wide: 1.5, kind: 'special', shows: '?123', onpress: () => press(sign)});
      const shown = upper ? sign.toUpperCase() : sign;
      return key(shown, {kind: plain ? 'digit' : '', shows: sign === ' ' ? '\u2423' : shown, label: LABELS[sign] ?? shown, onpress: () => press(sign)});
    })));
    if (rows[1] && page === 'letters') rows[1].classList.add('inset');
    if (!plain) {
      const corner = {email: '@', url: '/'}[target?.type] ?? ',';
      rows.push(el('div', {class: 'keys'},
        key('?123', {wide: 1.5, kind: 'special', label: page === 'letters' ? 'Symbols' : 'Letters', shows: page === 'letters' ? '?123' : 'ABC', onpress: () => { page = page === 'letters' ? 'symbols' : 'letters'; capitalise(); draw(); }}),
        key(corner, {kind: 'special', onpress: () => press(corner)}), key(' ', {wide: 5, kind: 'space', shows: 'English', onpress: () => press(' ')}), key('.', {kind: 'special', onpress: () => press('.')}), enterKey(1.5)));
    }
    root.replaceChildren(...rows);
  }

  function enterKey(wide) {
    const many = target?.tagName === 'TEXTAREA' || target?.isContentEditable, hint = many ? '' : target?.enterKeyHint || (nextField(target) ? 'next' : 'done');
    return key('\u21b5', {wide, kind: 'action', label: hint ? hint[0].toUpperCase() + hint.slice(1) : 'Enter', shows: icon(ACTIONS[hint] ?? 'enter', 20), onpress: enter});
  }

  // The field after this one on the same screen or dialog.
  function nextField(field) {
    if (!field) return null;
    const around = field.closest('.ui-dialog, form, .ui-screen') ?? field.ownerDocument.body;
    const all = [...around.querySelectorAll('input, textarea')].filter((each) => device.isField(each) && each.getClientRects().length);
    return all[all.indexOf(field) + 1] ?? null;
  }

  // What Enter does in a line that makes nothing of it itself.
  function action(field) {
    const hint = field.enterKeyHint, next = nextField(field);
    if (field.tagName !== 'INPUT' || ['search', 'go', 'send'].includes(hint)) return;
    if (next && hint !== 'done') { next.focus(); return; }
    dismissed = true;
    hide();
  }

  function watch(view) {
    view.addEventListener('focusin', (event) => { if (device.isField(event.target)) show(event.target); });
    view.addEventListener('focusout', () => setTimeout(() => { if (!device.field()) { target = null; hide(); } }));
    view.addEventListener('click', (event) => { if (device.isField(event.target) && device.field() === event.target && !open()) show(event.target); });
    view.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.defaultPrevented && device.isField(event.target) && !event.target.form) { const field = event.target; setTimeout(() => { if (device.field() === field) action(field); }); }
    });
    view.addEventListener('input', () => { if (open() && shift !== 'lock') { const before = shift; capitalise(); if (before !== shift) draw(); } });
    for (const kind of ['copy', 'cut']) {
      view.addEventListener(kind, (event) => {
        const field = device.field();
        const text = field && field.value !== undefined && field.selectionStart !== null ? field.value.slice(field.selectionStart, field.selectionEnd) : String(view.getSelection());
        if (!text) return;
        event.preventDefault();
        device.copy(text);
        if (kind === 'cut' && field) field.ownerDocument.execCommand('delete');
      });
    }
    view.addEventListener('paste', (event) => { event.preventDefault(); if (device.field()) view.document.execCommand('insertText', false, device.mirror.clipboard); });
  }

  device.copy = (text) => { device.mirror.clipboard = text; return device.call('android', 'clipboard.set', text); };
  device.on('attached', (frame) => watch(frame.view));
  device.on('settings', (detail) => { if (detail === 'secure/default_input_method') { const field = device.field(); if (!enabled()) hide(); else if (field && !dismissed) show(field); } });
  device.on('any', () => {
    const field = device.field();
    if (!field) hide(); else if (!open() && !dismissed && field !== target) show(field);
  });
  addEventListener('resize', () => { if (open()) settle(); });
  watch(window);
  root.addEventListener('touchstart', (event) => event.preventDefault(), {passive: false});
  bars.add({rank: 3, open, close: () => { dismissed = true; hide(); }, stays: true});
  return {open, hide, show};
})();
