'use strict';
// The recent apps: cards in a row, the newest at the right. The pictures are the apps' own frames, made small below the cards.
const recents = (() => {
  const {el} = home;
  const root = document.getElementById('recents'), apps = document.getElementById('apps');
  const row = el('div', {class: 'cards', 'data-id': 'overview_panel'});
  let drawn = '';

  const tasks = () => device.mirror.tasks;
  const close = (task) => device.call(drawer.LAUNCHER, 'close', task.id);

  async function bring(task) {
    show(false);
    await device.call(drawer.LAUNCHER, 'front', task.id);
  }

  function card(task) {
    const entry = device.app(task.package) ?? {label: task.package};
    const made = el('div', {class: 'card', 'data-task-id': task.id},
      el('div', {class: 'name', 'data-id': 'icon'}, home.iconOf(entry), el('span', {}, entry.label)),
      el('button', {class: 'picture', 'aria-label': entry.label, 'data-id': 'snapshot', onclick: () => bring(task)}));
    if (!device.frames.has(task.id)) made.lastChild.append(home.iconOf(entry));
    windows.onSwipe(made, {
      move: (dx, dy) => { if (dy < 0 && Math.abs(dy) > Math.abs(dx)) { made.style.transform = `translateY(${dy}px)`; place(); } },
      end: ({direction}) => { if (direction === 'up') close(task); made.style.transform = ''; place(); },
      cancel: () => { made.style.transform = ''; place(); },
    });
    return made;
  }

  function fill() {
    const key = JSON.stringify(tasks().map((task) => [task.id, device.frames.has(task.id)]));
    const any = [...device.frames.values()][0]?.element;
    if (any) root.style.setProperty('--ratio', any.offsetWidth / any.offsetHeight);
    if (key === drawn) return;
    const had = drawn, at = row.scrollLeft;
    drawn = key;
    if (!tasks().length) root.replaceChildren(el('div', {class: 'none', 'data-id': 'no_recents'}, 'No recent items'));
    else {
      row.replaceChildren(...tasks().map(card));
      root.replaceChildren(row, el('button', {class: 'clear', 'data-id': 'clear_all', onclick: clear}, 'Clear all'));
    }
    row.scrollLeft = had ? at : row.scrollWidth;
  }

  async function clear() {
    for (const task of [...tasks()]) await close(task);
    show(false);
    await device.call(drawer.LAUNCHER, 'home');
  }

  // Each frame goes where its card's picture is.
  function place() {
    if (root.hidden) return;
    const base = apps.getBoundingClientRect();
    for (const frame of device.frames.values()) {
      const picture = root.querySelector(`.card[data-task-id="${frame.id}"] .picture`);
      if (!picture) continue;
      const box = picture.getBoundingClientRect(), scale = box.width / frame.element.offsetWidth;
      const style = frame.element.style;
      style.transform = `translate(${box.left - base.left - frame.element.offsetLeft}px, ${box.top - base.top - frame.element.offsetTop}px) scale(${scale})`;
      style.clipPath = `inset(0 0 ${Math.max(0, frame.element.offsetHeight - box.height / scale)}px 0 round ${16 / scale}px)`;
      frame.element.classList.add('small');
    }
  }

  function restore() {
    for (const frame of device.frames.values()) {
      frame.element.classList.remove('small');
      frame.element.style.transform = frame.element.style.clipPath = '';
    }
  }

  function show(on) {
    if (on === !root.hidden) return;
    root.hidden = !on;
    document.body.classList.toggle('in-recents', on);
    drawn = '';
    if (on) { fill(); place(); } else restore();
    windows.arranged();
  }

  // A second press goes to the app before this one.
  function toggle() {
    if (device.mirror.locked || !device.mirror.awake) return;
    if (root.hidden) {
      bars.closeLayers();
      show(true);
      return;
    }
    const task = tasks().at(device.front() ? -2 : -1);
    if (task) bring(task); else show(false);
  }

  let front = null;
  device.on('recents', toggle);
  device.on('any', () => {
    const now = device.front()?.id ?? 0;
    if (!root.hidden && (device.mirror.locked || !device.mirror.awake || (now && now !== front))) show(false);
    front = now;
    if (!root.hidden) { fill(); place(); }
  });
  device.on('attached', () => { drawn = ''; if (!root.hidden) { fill(); place(); } });
  device.on('forget', () => show(false));
  row.addEventListener('scroll', place, {passive: true});
  addEventListener('resize', place);
  bars.add({rank: 2, open: () => !root.hidden, close: () => show(false), focus: () => drawer.HOME_WINDOW});
})();
