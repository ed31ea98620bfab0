'use strict';
// The phone as its pages know it: a mirror of its state, its apps' frames, and the calls to what is behind.
globalThis.device = (() => {
  const mirror = {
    settings: {system: {}, secure: {}, global: {}}, tasks: [], at_home: true, clipboard: '', notifications: [], awake: true, locked: false,
    rotation: 0, call: {}, battery: {}, clock: {now: 0, kind: 'running', zone: 'UTC'}, overlay: {}, packages: [], props: {}, size: [1, 1], density: 160,
  };
  const frames = new Map(); // task id -> {id, package, element, view, intents, stack}
  const listeners = new Map(); // kind -> set of functions
  let pending = 0, clockAt = performance.now();

  async function call(app, method, ...values) {
    pending += 1;
    try {
      const reply = JSON.parse(await globalThis.bridgeCall(app, method, JSON.stringify(values.map((value) => value ?? null))));
      if (reply.error) throw new Error(reply.error);
      return reply.value;
    } finally { pending -= 1; }
  }

  function on(kind, fn) {
    if (!listeners.has(kind)) listeners.set(kind, new Set());
    listeners.get(kind).add(fn);
    return () => listeners.get(kind).delete(fn);
  }

  function tell(kind, detail) {
    for (const fn of [...(listeners.get(kind) ?? [])]) {
      try { fn(detail); } catch (error) { console.error(error); }
    }
  }

  // The new state, and what happened: [kind, detail] pairs.
  function receive(next, events) {
    Object.assign(mirror, next);
    clockAt = performance.now();
    const kinds = new Set(events.map(([kind]) => kind));
    if (kinds.has('restart')) { tell('forget'); drop(() => true); }
    for (const [kind, detail] of events) if (kind === 'stop') drop((frame) => frame.package === detail);
    arrange();
    tell('any', kinds);
    for (const [kind, detail] of events) tell(kind, detail);
    dress();
  }

  const setting = (space, key, otherwise = '') => mirror.settings[space]?.[key] ?? otherwise;
  const put = (space, key, value) => { mirror.settings[space][key] = String(value); return call('com.android.settings', 'settings.put', space, key, String(value)); };
  const animations = () => !['0', '0.0'].includes(setting('global', 'animator_duration_scale', '1'));
  const now = () => mirror.clock.now + (mirror.clock.kind === 'running' ? performance.now() - clockAt : 0);
  const front = () => (mirror.at_home || !mirror.tasks.length ? null : mirror.tasks[mirror.tasks.length - 1]);
  const app = (name) => mirror.packages.find((each) => each.package === name);

  function format(date, options = {}) {
    return new Intl.DateTimeFormat('en-US', {timeZone: mirror.clock.zone, ...(('hour' in options || options.timeStyle) && !('hour12' in options)
      ? {hourCycle: setting('system', 'time_12_24', '24') === '12' ? 'h12' : 'h23'} : {}), ...options}).format(date);
  }

  // Apps: one frame for each task that was in front, kept while the task lives.
  function arrange() {
    const task = front(), lives = new Set(mirror.tasks.map((each) => each.id));
    drop((frame) => !lives.has(frame.id));
    if (task) {
      const frame = frames.get(task.id) ?? open(task);
      if (frame && frame.intents !== task.intents) {
        frame.intents = task.intents;
        frame.view?.phone?.receiveIntent(intentOf(task));
      }
    }
    for (const frame of frames.values()) frame.element.classList.toggle('front', frame.id === task?.id);
    document.body.classList.toggle('in-app', Boolean(task));
    focusFront();
    dress();
  }

  // The app in front has the focus unless a window of the system lies over it. A frame that has it already may have given it to a page within.
  function focusFront() {
    const shown = globalThis.device.covered() ? null : frames.get(front()?.id)?.element;
    if (shown && document.activeElement !== shown) shown.contentWindow.focus(); else if (!shown && document.activeElement?.tagName === 'IFRAME') document.activeElement.blur();
  }

  // The bars take the colour of the app in front.
  function dress() {
    const page = frontFrame()?.element.contentDocument, root = page?.documentElement;
    const colour = root ? frontFrame().bars ?? page.defaultView.getComputedStyle(root).backgroundColor : '';
    const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    const known = colour && alpha > 0 && red !== undefined;
    document.body.classList.toggle('light-bars', Boolean(known) && red * 0.3 + green * 0.59 + blue * 0.11 > 150);
    document.documentElement.style.setProperty('--bars', known ? colour : '#1b1d24');
  }

  const intentOf = ({extras: {action = '', data = '', ...extras}, activity}) => ({action, data, extras, activity});

  function open(task) {
    const found = app(task.package);
    if (!found?.folder) return null;
    const element = document.createElement('iframe');
    element.dataset.task = task.id;
    element.title = found.label;
    const frame = {id: task.id, package: task.package, label: found.label, element, view: null, intents: task.intents, loaded: false};
    element.addEventListener('load', () => { frame.loaded = true; dress(); });
    frames.set(task.id, frame);
    element.src = `/apps/${found.folder}/index.html`;
    document.getElementById('apps').append(element);
    tellRunning();
    return frame;
  }

  function drop(which) {
    let any = false;
    for (const frame of [...frames.values()]) {
      if (!which(frame)) continue;
      frame.element.remove();
      frames.delete(frame.id);
      any = true;
      tell('dropped', frame);
    }
    if (any) tellRunning();
  }

  const tellRunning = () => globalThis.bridgeNote('running', [...frames.values()].map((frame) => frame.package));
  const frontFrame = () => frames.get(front()?.id) ?? null;

  // Called by api.js when a frame's document begins.
  function attach(view) {
    const frame = frames.get(Number(view.frameElement.dataset.task));
    frame.view = view;
    ledger.watch(view.document);
    watchScrolls(view.document);
    tell('attached', frame);
    return frame;
  }

  const taskOf = (frame) => mirror.tasks.find((each) => each.id === frame.id);

  // What scrolled a moment ago may slide on.
  let scrolledAt = -Infinity;
  const watchScrolls = (page) => page.addEventListener('scroll', () => { scrolledAt = performance.now(); }, {capture: true, passive: true});
  watchScrolls(document);
  const sliding = () => performance.now() - scrolledAt < 100;
  const nextFrame = () => new Promise((done) => requestAnimationFrame(done));
  const busy = () => pending > 0 || ledger.tapping() || [...frames.values()].some((frame) => !frame.loaded) || documents().some((page) => [...page.images].some((image) => !image.complete && image.loading !== 'lazy'));
  const documents = () => [document, ...[...frames.values()].map((frame) => frame.element.contentDocument).filter(Boolean)];

  // Wait until everything that was asked for is there and drawn.
  async function settled(limit) {
    const end = performance.now() + limit;
    do {
      await nextFrame();
      await nextFrame();
    } while ((busy() || sliding()) && performance.now() < end);
  }

  // The element that has the focus, in whichever document; null if none has.
  function focused() {
    let element = document.activeElement;
    while (element?.tagName === 'IFRAME') {
      try { element = element.contentDocument?.activeElement ?? null; } catch { return null; }
    }
    return element && element !== element.ownerDocument.body ? element : null;
  }

  const NOT_TEXT = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit', 'hidden']);
  const isField = (element) => Boolean(element) && ((element.tagName === 'INPUT' && !NOT_TEXT.has(element.type)) || element.tagName === 'TEXTAREA' || element.isContentEditable)
    && !element.readOnly && !element.disabled;
  const field = () => { const element = focused(); return isField(element) ? element : null; };

  function clearField() {
    const element = field();
    if (element.select) element.select(); else element.ownerDocument.defaultView.getSelection().selectAllChildren(element);
    element.ownerDocument.execCommand('delete');
  }

  return {
    mirror, call, on, tell, receive, setting, put, animations, now, front, app, format, frames, frontFrame, attach, taskOf, intentOf, settled, dress, focused, isField,
    field, clearField, hasField: () => Boolean(field()), documents, focusFront, covered: () => false,
  };
})();
