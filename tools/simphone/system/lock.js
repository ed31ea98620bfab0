'use strict';
// The lock screen, the screen that is off, secure screens, and what tests put over everything.
const lock = (() => {
  const {el} = home;
  const root = document.getElementById('lock'), off = document.getElementById('off'), black = document.getElementById('black'), overlay = document.getElementById('overlay');
  let shown = '';

  function unlock() { device.call('android', 'power', true, false); }

  function draw() {
    const {awake, locked, notifications} = device.mirror;
    off.hidden = awake;
    root.hidden = !locked;
    document.body.classList.toggle('locked', locked);
    if (locked) {
      const clock = device.format(device.now(), {hour: '2-digit', minute: '2-digit'}).replace(/ [AP]M$/, '');
      const key = JSON.stringify([clock, notifications, device.mirror.packages.length]);
      if (key !== shown) {
        shown = key;
        document.activeElement?.blur?.();
        root.replaceChildren(el('div', {class: 'lock-icon', 'aria-label': 'Device locked', 'data-id': 'lock_icon'}, icon('lock', 26)), el('div', {class: 'lock-clock', 'data-id': 'lockscreen_clock_view'}, clock),
          el('div', {class: 'lock-date', 'data-id': 'keyguard_slice_view'}, device.format(device.now(), {weekday: 'long', month: 'long', day: 'numeric'})),
          el('div', {class: 'lock-notes'}, [...notifications].reverse().slice(0, 4).map((each) => shade.note(each, false))), el('div', {class: 'lock-hint', 'data-id': 'keyguard_indication_text'}, 'Swipe up to unlock'));
      }
    } else if (shown) { shown = ''; root.replaceChildren(); }
    drawOverlay();
  }

  function drawOverlay() {
    black.hidden = !(device.mirror.overlay.black || device.frontFrame()?.secure);
    const animated = Boolean(device.mirror.overlay.animated);
    if (animated === overlay.hidden) {
      overlay.hidden = !animated;
      overlay.replaceChildren(...(animated ? [el('div', {class: 'spinner'})] : []));
    }
  }

  drawer.onSwipe(root, {up: unlock, far: 80});
  device.on('any', draw);
  device.on('secure', drawOverlay);
  setInterval(() => { if (device.mirror.locked && device.mirror.clock.kind === 'running') draw(); }, 1000);
  return {draw};
})();
