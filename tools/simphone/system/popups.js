'use strict';
// What comes up for a moment: the volume, and the bar for cutting and pasting.
(() => {
  const {el} = home;
  const volume = document.getElementById('volume'), textbar = document.getElementById('textbar');

  // The volume, from the keys at the side.
  const MOST = 15;
  let fading = 0, since = 0;
  const hideVolume = () => { volume.hidden = true; volume.replaceChildren(); };
  device.on('volume', (step) => {
    const old = Number(device.setting('system', 'volume_music', '5')), next = step === 0 ? 0 : Math.min(MOST, Math.max(0, old + step));
    device.put('system', 'volume_music', next);
    volume.hidden = false;
    volume.replaceChildren(el('div', {class: 'level', role: 'slider', 'aria-label': 'Media volume', 'data-id': 'volume_row_slider'}, el('i', {style: `height:${(next / MOST) * 100}%`})), icon(next ? 'volume' : 'mute', 22));
    clearTimeout(fading);
    since = device.now();
    if (device.mirror.clock.kind === 'running') fading = setTimeout(hideVolume, 2000);
  });
  device.on('clock', () => { if (device.mirror.clock.kind === 'steps' && !volume.hidden && device.now() > since) hideVolume(); });

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
    textbar.replaceChildren(...[chosen && button('Cut', () => { device.copy(field.value.slice(field.selectionStart, field.selectionEnd)); page.execCommand('delete'); }), chosen && button('Copy', () => page.execCommand('copy')), device.mirror.clipboard && button('Paste', () => page.execCommand('insertText', false, device.mirror.clipboard)),
      field.value && button('Select all', () => { field.select(); showBar(field, x, y); })].filter(Boolean));
    if (!textbar.childElementCount) return;
    textbar.hidden = false;
    const box = textbar.getBoundingClientRect();
    textbar.style.left = `${Math.max(8, Math.min(innerWidth - box.width - 8, x - box.width / 2))}px`;
    textbar.style.top = `${y - box.height - 28 > 30 ? y - box.height - 28 : y + 28}px`;
  }

  // The word at a place in a field; after the last one, nothing.
  function selectWord(field, offset) {
    const words = [...field.value.matchAll(/[\p{L}\p{N}_']+/gu)].find((each) => each.index <= offset && offset <= each.index + each[0].length);
    if (words) field.setSelectionRange(words.index, words.index + words[0].length);
  }

  function watch(view, place) {
    // Touches that come over the DevTools protocol make no `contextmenu`.
    let timer = 0, done = false;
    const press = (field, touch) => {
      const at = place(), range = view.document.caretPositionFromPoint(touch.clientX, touch.clientY);
      done = true;
      field.focus();
      if (range?.offsetNode === field && field.selectionStart !== null) selectWord(field, range.offset);
      showBar(field, touch.clientX + at.x, touch.clientY + at.y);
    };
    view.addEventListener('touchstart', (event) => {
      clearTimeout(timer);
      done = false;
      const field = event.target;
      if (event.touches.length === 1 && device.isField(field) && field.select) timer = setTimeout(press, Number(device.setting('secure', 'long_press_timeout', '400')) || 400, field, event.touches[0]);
    }, {passive: true});
    view.addEventListener('touchmove', () => clearTimeout(timer), {passive: true});
    for (const kind of ['touchend', 'touchcancel']) view.addEventListener(kind, (event) => { clearTimeout(timer); if (done && event.cancelable) event.preventDefault(); done = false; }, {passive: false});
    view.addEventListener('touchstart', closeBar, {passive: true, capture: true});
    view.addEventListener('input', closeBar);
  }
  watch(window, () => ({x: 0, y: 0}));
  device.on('attached', (frame) => watch(frame.view, () => { const box = frame.element.getBoundingClientRect(); return {x: box.left, y: box.top}; }));

  device.on('forget', () => { hideVolume(); closeBar(); });
  bars.add({rank: 4, open: () => !textbar.hidden, close: closeBar});
})();
