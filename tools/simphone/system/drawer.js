'use strict';
// The drawer with all apps and its search, and what a long press on an icon offers.
const drawer = (() => {
  const {el} = home;
  const root = document.getElementById('drawer'), desktop = document.getElementById('home');
  const LAUNCHER = 'com.google.android.apps.nexuslauncher';
  const HOME_WINDOW = `${LAUNCHER}/${LAUNCHER}.NexusLauncherActivity`;
  const field = el('input', {type: 'search', placeholder: 'Search apps', 'data-id': 'fallback_search_view', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'go'});
  const grid = el('div', {class: 'grid', 'data-id': 'apps_list_view'});
  root.append(el('div', {class: 'find'}, icon('search', 20), field), grid);
  let menu = null;

  const all = () => home.openable().sort((a, b) => a.label.localeCompare(b.label));

  function fill() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = all().filter((entry) => words.every((word) => entry.label.toLowerCase().includes(word)));
    grid.replaceChildren(...hits.map(home.button));
    if (!hits.length) grid.append(el('div', {class: 'none'}, 'No apps found'));
  }

  function show(on) {
    closeMenu();
    if (on === !root.hidden) return;
    if (on) { field.value = ''; fill(); grid.scrollTop = 0; } else if (document.activeElement === field) field.blur();
    root.hidden = !on;
    windows.arranged();
  }

  async function open(on) {
    if (device.mirror.locked || !device.mirror.awake) return;
    if (on && device.front()) await device.call(LAUNCHER, 'home');
    show(Boolean(on));
  }

  const info = (name) => device.call(LAUNCHER, 'start', {action: 'android.settings.APPLICATION_DETAILS_SETTINGS', data: `package:${name}`});

  function closeMenu() {
    menu?.remove();
    menu = null;
  }

  function openMenu(button) {
    closeMenu();
    const box = button.getBoundingClientRect(), width = 168, height = 56;
    const left = Math.max(8, Math.min(innerWidth - width - 8, box.left + box.width / 2 - width / 2));
    const below = box.top < height + 40;
    menu = el('div', {class: 'scrim', onclick: closeMenu}, el('div', {class: 'popup', role: 'menu', style: `left:${left}px; top:${below ? box.bottom + 4 : box.top - height - 4}px; width:${width}px`},
      el('button', {role: 'menuitem', 'data-id': 'bubble_text', onclick: () => { const name = button.dataset.app; show(false); info(name); }}, icon('info', 22), 'App info')));
    // The menu is part of the window in which the icon is.
    button.closest('#home, #drawer').append(menu);
  }

  field.addEventListener('input', fill);
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && field.value.trim()) grid.querySelector('.app')?.click();
  });
  windows.onHold(desktop, '.app', openMenu);
  windows.onHold(root, '.app', openMenu);
  windows.onSwipe(desktop, {end: ({direction}) => {
    if (menu) return;
    if (direction === 'up') open(true);
    if (direction === 'down') device.tell('shade', 'notifications');
  }});
  let atTop = true;
  windows.onSwipe(root, {begin: () => { atTop = grid.scrollTop <= 0; }, end: ({direction}) => { if (direction === 'down' && atTop) show(false); }});
  device.on('drawer', open);
  device.on('launch', () => show(false));
  device.on('packages', () => { if (!root.hidden) fill(); });
  device.on('any', () => { if (device.front() || device.mirror.locked || !device.mirror.awake) show(false); });
  device.on('forget', () => show(false));
  bars.add({rank: 1, open: () => !root.hidden, close: () => show(false), focus: () => HOME_WINDOW});
  bars.add({rank: 4, open: () => Boolean(menu?.isConnected), close: closeMenu, focus: () => HOME_WINDOW});
  return {HOME_WINDOW, LAUNCHER, info};
})();
