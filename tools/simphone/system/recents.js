'use strict';
// Recent apps: a card with a living picture of each, to be chosen, swiped away, or cleared all.
const recents = (() => {
  const {el} = home;
  const root = document.getElementById('recents');
  const open = () => !root.hidden;
  let strip = null;

  function show() {
    if (device.mirror.locked) return;
    if (open()) { close(); return; }
    const tasks = [...device.mirror.tasks].reverse();
    document.activeElement?.blur?.();
    strip = el('div', {class: 'cards', 'data-id': 'overview_panel'}, tasks.map(card));
    strip.addEventListener('scroll', place, {passive: true});
    measure();
    root.replaceChildren(...(tasks.length ? [strip, el('button', {class: 'clear', 'data-id': 'clear_all', onclick: clear}, 'Clear all')] : [el('div', {class: 'none'}, icon('history', 40), 'No recent items')]));
    root.hidden = false;
    document.body.classList.add('in-recents');
    place();
  }

  function card(task) {
    const entry = device.app(task.package) ?? {label: task.package};
    const made = el('button', {class: 'card', 'data-task': task.id, 'aria-label': entry.label, 'data-id': 'snapshot', onclick: () => { close(); device.call('android', 'front', task.id); }},
      el('span', {class: 'card-head', 'data-skip': true}, home.iconOf(entry), entry.label));
    let start = null, moved = 0;
    made.addEventListener('touchstart', (event) => { start = event.touches[0].clientY; moved = 0; }, {passive: true});
    made.addEventListener('touchmove', (event) => {
      moved = Math.min(0, event.touches[0].clientY - start);
      made.style.transform = `translateY(${moved}px)`;
      place();
    }, {passive: true});
    const end = () => {
      if (moved < -made.offsetHeight / 5) { dismiss(task.id, made); return; }
      made.style.transform = '';
      place();
    };
    made.addEventListener('touchend', end);
    made.addEventListener('touchcancel', end);
    return made;
  }

  async function dismiss(id, made) {
    made.remove();
    await device.call('android', 'close', id);
    if (strip.childElementCount) place(); else goHome();
  }

  async function clear() {
    for (const task of [...device.mirror.tasks]) await device.call('android', 'close', task.id);
    goHome();
  }

  function goHome() { close(); device.call('android', 'home'); }

  function measure() {
    const bars = 28 + 48, height = innerHeight - bars, scale = Math.min(0.66, (innerHeight * 0.68 - 40) / height);
    strip.style.setProperty('--card', `${Math.round(innerWidth * scale)}px`);
    strip.style.setProperty('--card-height', `${Math.round(height * scale) + 40}px`);
  }

  // Puts each app's frame, made smaller, into its card.
  function place() {
    for (const frame of device.frames.values()) {
      const made = strip?.querySelector(`[data-task="${frame.id}"]`);
      if (!made || !open()) { frame.element.style.transform = ''; frame.element.classList.remove('card-picture'); continue; }
      const box = made.getBoundingClientRect(), head = made.firstChild.offsetHeight, own = frame.element;
      own.classList.add('card-picture');
      const scale = box.width / own.offsetWidth;
      own.style.transform = `translate(${box.left - own.offsetLeft}px, ${box.top + head - own.offsetTop}px) scale(${scale})`;
      own.style.clipPath = `inset(0 ${Math.max(0, own.offsetWidth - box.width / scale)}px ${Math.max(0, own.offsetHeight - (box.height - head) / scale)}px 0 round 0 0 ${16 / scale}px ${16 / scale}px)`;
    }
  }

  function close() {
    if (!open()) return;
    root.hidden = true;
    root.replaceChildren();
    strip = null;
    document.body.classList.remove('in-recents');
    for (const frame of device.frames.values()) { frame.element.style.transform = frame.element.style.clipPath = ''; frame.element.classList.remove('card-picture'); }
  }

  device.on('recents', show);
  device.on('restart', close);
  addEventListener('resize', () => { if (open() && strip) { measure(); place(); } });
  bars.add({rank: 2, open, close});
  return {open, close};
})();
