'use strict';
// What the system's windows share: swipes and long presses, which window has the focus, what lies over everything.
const windows = (() => {
  const FAR = 40; // how far a finger goes, in CSS pixels, for a swipe
  const LONG_MS = 500; // Android's default long press (ViewConfiguration)
  const SYSTEM = 'com.android.systemui';
  const body = document.body;
  let told = '';

  const direction = (dx, dy) => {
    if (Math.max(Math.abs(dx), Math.abs(dy)) < FAR) return '';
    return Math.abs(dx) > Math.abs(dy) ? (dx > 0 ? 'right' : 'left') : dy > 0 ? 'down' : 'up';
  };

  // A finger's way over an element: `begin(event)` may refuse it with false, `end` gets {direction, x, y, target}.
  function onSwipe(element, {begin, move, end, cancel}) {
    let from = null;
    element.addEventListener('touchstart', (event) => {
      const touch = event.touches[0];
      from = event.touches.length === 1 && begin?.(event) !== false ? {x: touch.clientX, y: touch.clientY, target: event.target} : null;
    }, {passive: true});
    element.addEventListener('touchmove', (event) => {
      if (from) move?.(event.touches[0].clientX - from.x, event.touches[0].clientY - from.y, from.target);
    }, {passive: true});
    element.addEventListener('touchend', (event) => {
      if (!from) return;
      const touch = event.changedTouches[0], {x, y, target} = from;
      from = null;
      end({direction: direction(touch.clientX - x, touch.clientY - y), x, y, target});
    });
    element.addEventListener('touchcancel', () => { if (from) cancel?.(from.target); from = null; });
  }

  // A long press on what `selector` finds within an element; the tap that it would be is not one.
  function onHold(element, selector, fn) {
    let timer = 0, from = null, held = false;
    const drop = () => { clearTimeout(timer); from = null; };
    element.addEventListener('touchstart', (event) => {
      const node = event.target.closest(selector), touch = event.touches[0];
      drop();
      held = false;
      if (!node || event.touches.length > 1) return;
      from = {x: touch.clientX, y: touch.clientY};
      timer = setTimeout(() => { held = true; drop(); fn(node); }, LONG_MS);
    }, {passive: true});
    element.addEventListener('touchmove', (event) => {
      if (from && Math.hypot(event.touches[0].clientX - from.x, event.touches[0].clientY - from.y) > 10) drop();
    }, {passive: true});
    element.addEventListener('touchend', drop);
    element.addEventListener('touchcancel', drop);
    element.addEventListener('click', (event) => { if (held) { held = false; event.preventDefault(); event.stopPropagation(); } }, {capture: true});
  }

  const top = () => [...bars.layers].reverse().find((layer) => layer.focus && layer.open());
  // Whether the lock screen is there: a call that comes in is shown over it.
  device.keyguard = () => device.mirror.locked && !(device.mirror.call.state && device.front()?.package === 'com.google.android.dialer');
  device.covered = () => Boolean(top()) || device.keyguard() || !device.mirror.awake;

  // To be called when a window came or went: adb asks which one has the focus, and what lies below loses its caret.
  function arranged() {
    const name = top()?.focus() ?? '';
    if (name !== told) { told = name; device.call(SYSTEM, 'window', name); }
    device.focusFront();
  }

  function dress() {
    body.classList.toggle('still', !device.animations());
    body.classList.toggle('dark', device.setting('secure', 'ui_night_mode', '1') === '2');
    body.classList.toggle('locked', device.keyguard());
    const off = document.getElementById('off'), overlay = document.getElementById('overlay');
    off.hidden = device.mirror.awake;
    if (overlay.hidden === Boolean(device.mirror.overlay.animated)) overlay.hidden = !device.mirror.overlay.animated;
  }
  // An app's window over all others: touches go through it, or open the app.
  const cover = document.getElementById('cover');
  function drawCover() {
    const {cover: given, size} = device.mirror, key = JSON.stringify([given, size]);
    if (cover.dataset.key === key) return;
    cover.dataset.key = key;
    cover.hidden = !given;
    if (!given) return;
    const scale = innerHeight / size[1];
    cover.textContent = given.text;
    cover.classList.toggle('through', given.through);
    cover.style.top = `${given.top * scale}px`;
    cover.style.height = `${(given.bottom - given.top) * scale}px`;
  }
  cover.addEventListener('click', () => device.call(device.mirror.cover.package, 'start', {package: device.mirror.cover.package}));
  device.on('any', drawCover);
  document.getElementById('overlay').append(home.el('i', {class: 'restless'}));
  device.on('any', dress);
  addEventListener('contextmenu', (event) => event.preventDefault());
  return {SYSTEM, onSwipe, onHold, arranged, top};
})();

// Toasts: they go by the clock, or with the next input where the clock goes in steps.
(() => {
  const root = document.getElementById('toasts'), LONG_MS = 3500, SHORT_MS = 2000; // com.android.server.notification: toast durations
  let timer = 0, since = 0;
  const clear = () => { clearTimeout(timer); root.replaceChildren(); };

  device.on('toast', (text) => {
    clear();
    root.append(home.el('div', {class: 'toast', role: 'status', 'data-id': 'message'}, text));
    since = device.now();
    if (device.mirror.clock.kind === 'running') timer = setTimeout(clear, text.length > 60 ? LONG_MS : SHORT_MS);
  });
  device.on('clock', () => { if (device.mirror.clock.kind === 'steps' && root.childElementCount && device.now() > since) clear(); });
  device.on('restart', clear);
})();
