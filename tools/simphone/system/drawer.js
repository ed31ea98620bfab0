'use strict';
// Every app, by name: a swipe up on the home screen opens it, typing searches.
const drawer = (() => {
  const {el} = home;
  const root = document.getElementById('drawer'), page = document.getElementById('home');
  const open = () => !root.hidden;

  function show(searching) {
    if (device.mirror.locked || device.front()) return;
    const list = el('div', {class: 'all-apps', 'data-id': 'apps_list_view'});
    const field = el('input', {class: 'search', type: 'text', placeholder: 'Search apps', 'data-id': 'search_input', enterkeyhint: 'search', autocomplete: 'off', spellcheck: 'false'});
    const found = () => home.openable().filter((entry) => entry.label.toLowerCase().includes(field.value.trim().toLowerCase())).sort((a, b) => a.label.localeCompare(b.label));
    const draw = () => list.replaceChildren(...(found().length ? found().map(home.button) : [el('div', {class: 'nothing'}, `No apps match "${field.value}"`)]));
    field.addEventListener('input', draw);
    field.addEventListener('keydown', (event) => { if (event.key === 'Enter' && found().length) { event.preventDefault(); close(); home.launch(found()[0]); } });
    draw();
    root.replaceChildren(field, list);
    root.hidden = false;
    document.body.classList.add('in-drawer');
    if (searching) field.focus();
  }

  function close() {
    if (!open()) return;
    document.activeElement?.blur?.();
    root.hidden = true;
    root.replaceChildren();
    document.body.classList.remove('in-drawer');
  }

  // A finger that goes `far` pixels to one side runs `fn`; a scroller under it keeps the gesture until it is at its end.
  function onSwipe(element, {up, down, far = 40, free = () => true}) {
    let start = null;
    element.addEventListener('touchstart', (event) => { start = event.touches.length === 1 ? {x: event.touches[0].clientX, y: event.touches[0].clientY, free: free(event)} : null; }, {passive: true});
    element.addEventListener('touchmove', (event) => {
      if (!start) return;
      const dx = event.touches[0].clientX - start.x, dy = event.touches[0].clientY - start.y;
      if (Math.abs(dy) < far || Math.abs(dx) > Math.abs(dy)) return;
      const run = dy < 0 ? up : down, may = start.free;
      if (run && may) { start = null; run(); }
    }, {passive: true});
  }

  onSwipe(page, {up: () => show(false), down: () => device.tell('shade', true)});
  onSwipe(root, {down: close, free: () => (root.querySelector('.all-apps')?.scrollTop ?? 0) <= 0});
  device.on('drawer', (searching) => show(searching));
  device.on('launch', close);
  device.on('any', () => { if (device.front()) close(); });
  device.on('restart', close);
  bars.add({rank: 1, open, close});
  return {open, close, onSwipe};
})();
