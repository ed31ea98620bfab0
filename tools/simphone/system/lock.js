'use strict';
// The lock screen: clock, date, notifications; a swipe up unlocks. It cannot be left with BACK.
const lock = (() => {
  const {el} = home;
  const root = document.getElementById('lock');
  const clock = el('div', {class: 'clock', 'data-id': 'lockscreen_clock_view'}), date = el('div', {class: 'date', 'data-id': 'keyguard_status_area'});
  const list = el('div', {class: 'notes', 'data-id': 'notification_stack_scroller'});
  root.append(clock, date, list, el('div', {class: 'hint', 'data-id': 'keyguard_indication_text'}, 'Swipe up to unlock'));
  let drawn = '';

  function unlock() {
    if (!device.mirror.locked) return Promise.resolve();
    device.mirror.locked = false;
    show();
    return device.call(windows.SYSTEM, 'power', true, false);
  }

  function show() {
    const on = device.keyguard() && device.mirror.awake;
    if (on) draw();
    if (root.hidden !== on) return;
    root.hidden = !on;
    if (!on) drawn = '';
    document.body.classList.toggle('locked', device.keyguard());
    windows.arranged();
  }

  function draw() {
    const time = device.format(device.now(), {hour: '2-digit', minute: '2-digit'}).replace(/^0(?=\d:\d\d [AP])/, '').replace(/ [AP]M$/, '');
    const day = device.format(device.now(), {weekday: 'long', month: 'long', day: 'numeric'});
    const key = JSON.stringify([time, day, shade.keyOf()]);
    if (key === drawn) return;
    drawn = key;
    clock.textContent = time;
    date.textContent = day;
    list.replaceChildren(...shade.cards());
  }

  windows.onSwipe(root, {begin: () => !root.hidden, end: ({direction, target}) => {
    if (direction === 'up' && (!list.contains(target) || list.scrollHeight <= list.clientHeight + 1)) unlock();
  }});
  device.on('any', show);
  setInterval(() => { if (!root.hidden && device.mirror.clock.kind === 'running') draw(); }, 1000);
  return {unlock};
})();
