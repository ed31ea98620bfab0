// Knows what the last input set off in this page, and whether it is done. Runs before the page's own scripts, in every frame.
//
// Each piece of work carries the account that it belongs to, handed on from the input event to the timers, frames, requests and
// messages that it starts, to those that they start, and so on. `wait` waits for the work of the open account; `quiet` closes the
// account when nothing happened in the meantime. Work of closed accounts is ambient (pollers, tickers) and is never waited for.
(() => {
  'use strict';
  const KEY = Symbol.for('handeye.watch');
  if (globalThis[KEY]) return;

  const LONGEST_TIMER = 1500; // ms; what comes later is not what a user would wait for
  const CHAIN_LENGTH = 6, CHAIN_AGE = 1200; // timers that start timers: from here on it is a ticker
  const TICKS = 2, TICKING_AGE = 1000; // an interval that went on this long goes on for ever
  const FRAMES = 30, FRAMES_AGE = 1500; // the same for requestAnimationFrame
  const LONGEST_ANIMATION = 2000; // ms left to run
  const ANSWER_AGE = 500; // ms in which a message arrives that a page sent to itself
  const REPLY_AGE = 1500, SILENCE = 3; // ms in which a worker or a socket replies; messages without a reply after which it is not waited for
  const ASSET_AGE = 2000; // ms that a visible image or a font may take
  const SAME_REQUESTS = 3; // a URL (without its query) asked for more often in one account is polled
  const KINSHIP = 300; // ms after work of the account in which work of unknown origin is taken to be its continuation
  const MOVER_WEIGHT = 6; // changes of unknown origin to one node, those a second ago counting 1/e
  const POLL = 12; // ms between looks
  const AMBIENT = -1, UNKNOWN = null;

  const {setTimeout: later, requestAnimationFrame: nextFrame, MessageChannel: Channel, MutationObserver: Observer, Date: Clock} = globalThis;
  const now = performance.now.bind(performance);
  const pause = (ms) => new Promise((done) => later(done, ms));
  const born = Math.floor(Math.random() * 1e9).toString(36) + Clock.now().toString(36);

  let account = 0; // 0: the loading of this document
  let openedAt = now(), activeAt = now();
  let current = UNKNOWN, depth = 0, task = 0;
  let changes = 0, waiting = 0;
  let wheelAt = -Infinity, scrollAt = -Infinity, scrolling = false;
  const going = new Set();
  const leftOut = new Set();
  const requested = new Map();

  // A task's account is forgotten once its microtasks are done, by a message that arrives as a task of its own.
  const ender = new Channel();
  const post = MessagePort.prototype.postMessage;
  ender.port1.onmessage = (event) => { if (event.data === task) { current = UNKNOWN; depth = 0; } };

  const enter = (cause, deep = 0) => {
    current = cause;
    depth = deep;
    task += 1;
    if (cause === account) activeAt = now();
    Reflect.apply(post, ender.port2, [task]);
  };
  const cause = () => {
    if (current !== UNKNOWN) return current;
    return account === 0 || now() - activeAt < KINSHIP ? account : AMBIENT;
  };
  const age = () => now() - openedAt;
  const begin = (kind, expires = Infinity) => {
    const item = {kind, cause: cause(), depth: depth + 1, expires: now() + expires};
    if (item.cause === account) going.add(item);
    return item;
  };
  const finish = (item) => { going.delete(item); };
  const forsake = (item, words) => {
    if (item.cause === account) leftOut.add(words);
    item.cause = AMBIENT;
    finish(item);
  };
  const run = (item, work, self, args) => {
    finish(item);
    enter(item.cause, item.depth);
    return Reflect.apply(work, self, args);
  };
  // A Proxy keeps name, length, `this`, exceptions and "[native code]" of what it wraps.
  const wrap = (owner, name, apply) => {
    const found = owner && Object.getOwnPropertyDescriptor(owner, name);
    if (!found || typeof found.value !== 'function') return;
    Object.defineProperty(owner, name, {...found, value: new Proxy(found.value, {apply})});
  };
  const seconds = (ms) => `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;

  // Timers, frames, idle work

  const timers = new Map();
  const forget = (native, self, args) => {
    const item = timers.get(args[0]);
    if (item) { timers.delete(args[0]); finish(item); }
    return Reflect.apply(native, self, args);
  };
  wrap(globalThis, 'setTimeout', (native, self, args) => {
    const [work, delay] = args;
    if (typeof work !== 'function') return Reflect.apply(native, self, args);
    const item = begin('timers');
    if (delay > LONGEST_TIMER) forsakeLong(item, delay);
    else if (item.depth > CHAIN_LENGTH && age() > CHAIN_AGE) forsake(item, 'a timer that starts itself again and again');
    let id = 0;
    args[0] = function (...rest) { timers.delete(id); return run(item, work, this, rest); };
    id = Reflect.apply(native, self, args);
    if (going.has(item)) timers.set(id, item);
    return id;
  });
  const forsakeLong = (item, delay) => {
    if (item.cause === account) leftOut.add(`a timer of ${seconds(delay)}`);
    finish(item);
  };
  wrap(globalThis, 'setInterval', (native, self, args) => {
    const [work, delay] = args;
    if (typeof work !== 'function') return Reflect.apply(native, self, args);
    const item = begin('timers');
    const started = now();
    const words = `a timer that fires every ${seconds(Math.max(4, delay || 0))}`;
    if (delay > LONGEST_TIMER) forsake(item, words);
    let ticks = 0;
    args[0] = function (...rest) {
      ticks += 1;
      if (ticks >= TICKS && now() - started > TICKING_AGE) forsake(item, words);
      enter(item.cause, item.depth);
      return Reflect.apply(work, this, rest);
    };
    const id = Reflect.apply(native, self, args);
    if (going.has(item)) timers.set(id, item);
    return id;
  });
  wrap(globalThis, 'clearTimeout', forget);
  wrap(globalThis, 'clearInterval', forget);

  const once = (name, cancel, kind) => {
    const items = new Map();
    wrap(globalThis, name, (native, self, args) => {
      const work = args[0];
      if (typeof work !== 'function') return Reflect.apply(native, self, args);
      const item = begin(kind, kind === 'idle work' ? ASSET_AGE : Infinity);
      if (item.depth > FRAMES && age() > FRAMES_AGE) forsake(item, 'a picture that is drawn frame by frame');
      let id = 0;
      args[0] = function (...rest) { items.delete(id); return run(item, work, this, rest); };
      id = Reflect.apply(native, self, args);
      if (going.has(item)) items.set(id, item);
      return id;
    });
    wrap(globalThis, cancel, (native, self, args) => {
      const item = items.get(args[0]);
      if (item) { items.delete(args[0]); finish(item); }
      return Reflect.apply(native, self, args);
    });
  };
  once('requestAnimationFrame', 'cancelAnimationFrame', 'frames');
  once('requestIdleCallback', 'cancelIdleCallback', 'idle work');
  wrap(globalThis.Scheduler?.prototype, 'postTask', (native, self, args) => {
    const work = args[0];
    if (typeof work !== 'function') return Reflect.apply(native, self, args);
    const delay = args[1]?.delay || 0;
    const item = begin('timers', delay + ANSWER_AGE);
    if (delay > LONGEST_TIMER) forsakeLong(item, delay);
    args[0] = function (...rest) { return run(item, work, this, rest); };
    return Reflect.apply(native, self, args);
  });

  // Requests. What is returned in place of a promise settles as it does, and is as unhandled as it was.

  const continued = (item, promise, seen) => promise.then(
    (value) => { finish(item); enter(item.cause, item.depth); seen?.(value); return value; },
    (error) => { finish(item); enter(item.cause, item.depth); throw error; },
  );
  const count = (item, url) => {
    if (item.cause !== account) return;
    const place = String(url).split(/[?#]/)[0];
    const times = (requested.get(place) || 0) + 1;
    requested.set(place, times);
    if (times > SAME_REQUESTS) forsake(item, `requests for ${place.slice(0, 120)} again and again`);
  };
  const causes = new WeakMap(); // of responses
  wrap(globalThis, 'fetch', (native, self, args) => {
    const item = begin('requests');
    count(item, args[0]?.url ?? args[0]);
    return continued(item, Reflect.apply(native, self, args), (response) => { causes.set(response, item); });
  });
  for (const name of ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text']) {
    wrap(globalThis.Response?.prototype, name, (native, self, args) => {
      const item = begin('requests');
      if (causes.get(self)?.cause === AMBIENT) { item.cause = AMBIENT; finish(item); }
      return continued(item, Reflect.apply(native, self, args));
    });
  }
  const places = new WeakMap();
  wrap(globalThis.XMLHttpRequest?.prototype, 'open', (native, self, args) => {
    const known = places.get(self);
    if (known) known.url = args[1];
    else {
      const entry = {url: args[1], item: null};
      places.set(self, entry);
      self.addEventListener('readystatechange', () => { if (entry.item) enter(entry.item.cause, entry.item.depth); });
      self.addEventListener('loadend', () => { if (entry.item) finish(entry.item); });
    }
    return Reflect.apply(native, self, args);
  });
  wrap(globalThis.XMLHttpRequest?.prototype, 'send', (native, self, args) => {
    const entry = places.get(self);
    if (entry) {
      entry.item = begin('requests');
      count(entry.item, entry.url);
    }
    return Reflect.apply(native, self, args);
  });

  // Messages: to ports of this page, to workers, over sockets

  const awaiting = new WeakMap(); // where a message will arrive -> work that waits for it
  const answered = (target) => {
    const item = awaiting.get(target)?.shift();
    if (item) { finish(item); enter(item.cause, item.depth); }
  };
  const expect = (target, kind, limit = ANSWER_AGE) => {
    const items = awaiting.get(target) || [];
    if (!awaiting.has(target)) {
      awaiting.set(target, items);
      target.addEventListener('message', () => {
        if (limit === REPLY_AGE) for (const item of items.splice(1)) finish(item); // one reply to several messages
        answered(target);
      });
    }
    if (items.length < (limit === REPLY_AGE ? SILENCE : 100)) items.push(begin(kind, limit));
  };
  const peers = new WeakMap();
  if (Channel) {
    globalThis.MessageChannel = new Proxy(Channel, {
      construct(native, args, made) {
        const channel = Reflect.construct(native, args, made);
        const {port1, port2} = channel;
        for (const [from, to] of [[port1, port2], [port2, port1]]) {
          peers.set(from, to);
          awaiting.set(to, []);
          to.addEventListener('message', () => answered(to));
        }
        return channel;
      },
    });
  }
  wrap(globalThis.MessagePort?.prototype, 'postMessage', (native, self, args) => {
    const to = peers.get(self);
    if (to) expect(to, 'messages');
    return Reflect.apply(native, self, args);
  });
  wrap(globalThis, 'postMessage', (native, self, args) => {
    if (self === undefined || self === globalThis) expect(globalThis, 'messages');
    return Reflect.apply(native, self, args);
  });
  wrap(globalThis.Worker?.prototype, 'postMessage', (native, self, args) => {
    expect(self, 'a worker', REPLY_AGE);
    return Reflect.apply(native, self, args);
  });
  wrap(globalThis.WebSocket?.prototype, 'send', (native, self, args) => {
    expect(self, 'a socket', REPLY_AGE);
    return Reflect.apply(native, self, args);
  });

  // Changes of the document

  const weights = new WeakMap();
  const mover = (node) => {
    const at = now(), was = weights.get(node);
    const weight = (was ? was.weight * Math.exp((was.at - at) / 1000) : 0) + 1;
    weights.set(node, {weight, at});
    return weight > MOVER_WEIGHT;
  };
  const assets = new WeakMap();
  const asset = (node) => {
    const loads = node.localName === 'script' ? node.src : node.localName === 'link' && /stylesheet|modulepreload/.test(node.rel) && node.href;
    if (loads && !assets.has(node)) assets.set(node, begin('requests', ASSET_AGE));
  };
  const observer = new Observer((records) => {
    if (current !== UNKNOWN && current !== account) return;
    for (const record of records) {
      if (current === UNKNOWN && account !== 0 && mover(record.target)) { leftOut.add('an element that keeps changing'); continue; }
      changes += 1;
      for (const node of record.addedNodes) asset(node);
    }
  });
  const trees = new Set([new WeakRef(document)]); // closed shadow trees can be found in no other way
  const watched = {subtree: true, childList: true, attributes: true, characterData: true};
  observer.observe(document, watched);
  wrap(Element.prototype, 'attachShadow', (native, self, args) => {
    const root = Reflect.apply(native, self, args);
    observer.observe(root, watched);
    trees.add(new WeakRef(root));
    return root;
  });

  // Input, and what else begins or ends work of an account

  const onInput = (event) => {
    if (!event.isTrusted) return;
    if (activeAt === -Infinity) openedAt = now();
    if (event.type === 'wheel') wheelAt = now();
    enter(account);
    if (globalThis !== globalThis.parent) touchParent();
  };
  const touchParent = () => {
    try { globalThis.parent[KEY]?.touch(); } catch { /* another origin */ }
  };
  const onEnd = (event) => { if (waiting && event.isTrusted) enter(account); };
  const onAsset = (event) => {
    const item = assets.get(event.target);
    if (item) { finish(item); enter(item.cause, item.depth); } else onEnd(event);
  };
  const onScroll = () => {
    if (age() > FRAMES_AGE && account !== 0) return;
    scrolling = true;
    scrollAt = now();
    changes += 1;
  };
  const onScrollEnd = () => { scrolling = false; };
  const INPUTS = ['pointerover', 'mouseover', 'pointermove', 'mousemove', 'pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click',
    'auxclick', 'dblclick', 'contextmenu', 'keydown', 'keypress', 'beforeinput', 'input', 'keyup', 'change', 'submit', 'focusin', 'focusout',
    'touchstart', 'touchend', 'dragstart', 'drag', 'dragenter', 'dragover', 'drop', 'dragend', 'paste', 'copy', 'cut', 'select',
    'popstate', 'hashchange', 'pageshow', 'resize', 'wheel', 'toggle'];
  const listen = () => {
    const early = {capture: true, passive: true};
    for (const type of INPUTS) addEventListener(type, onInput, early);
    for (const type of ['transitionend', 'animationend']) addEventListener(type, onEnd, early);
    for (const type of ['load', 'error']) document.addEventListener(type, onAsset, early);
    addEventListener('scroll', onScroll, early);
    addEventListener('scrollend', onScrollEnd, early);
  };
  listen();
  for (const name of ['open', 'write', 'writeln']) { // document.open() drops every listener
    wrap(Document.prototype, name, (native, self, args) => {
      const result = Reflect.apply(native, self, args);
      if (self === document) listen();
      return result;
    });
  }

  // What is pending

  const animations = () => [...trees].flatMap((held) => {
    const tree = held.deref();
    if (!tree) trees.delete(held);
    return tree ? tree.getAnimations() : [];
  });
  let ending = 0;
  const animating = () => {
    let running = false;
    for (const animation of animations()) {
      if (animation.playState !== 'running' || !animation.effect) continue;
      const {endTime, progress} = animation.effect.getComputedTiming();
      const at = animation.currentTime ?? 0;
      if (typeof at !== 'number' || typeof endTime !== 'number') continue;
      const left = (endTime - at) / (Math.abs(animation.playbackRate) || 1);
      if (left === Infinity) leftOut.add('an endless animation');
      else if (left > LONGEST_ANIMATION) leftOut.add(`an animation of ${seconds(left)}`);
      else if (left > 0 || progress === null) running = true;
    }
    if (running) ending = true;
    else if (ending === true) { // events of its end come with the next frame, before the callbacks of that frame
      ending = now() + ANSWER_AGE;
      nextFrame(() => { ending = 0; });
    }
    return running || now() < ending;
  };
  const missing = new WeakMap();
  const overdue = (thing, words) => {
    if (!missing.has(thing)) missing.set(thing, now());
    if (now() - missing.get(thing) < ASSET_AGE) return false;
    leftOut.add(words);
    return true;
  };
  const loadingImages = () => {
    for (const image of document.images) {
      if (image.complete) continue;
      const {left, top, right, bottom} = image.getBoundingClientRect();
      const seen = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight && (right - left) * (bottom - top) > 4;
      if ((seen || (right === left && image.loading !== 'lazy')) && !overdue(image, 'an image that does not arrive')) return true;
    }
    return false;
  };
  const frames = () => {
    const found = [];
    for (let i = 0; i < Math.min(globalThis.length, 50); i += 1) {
      try { if (globalThis[i][KEY]) found.push(globalThis[i][KEY]); } catch { /* another origin */ }
    }
    return found;
  };
  const pending = () => {
    const kinds = new Set();
    for (const item of going) {
      if (item.cause !== account || now() > item.expires) going.delete(item);
      else kinds.add(item.kind);
    }
    if (animating()) kinds.add('animations');
    if ((scrolling && now() - scrollAt < 150) || (scrollAt < wheelAt && now() - wheelAt < 60)) kinds.add('scrolling');
    if (loadingImages()) kinds.add('images');
    if (document.fonts?.status === 'loading' && !overdue(document.fonts, 'a font that does not arrive')) kinds.add('fonts');
    for (const frame of frames()) for (const kind of frame.pending()) kinds.add(kind);
    if (kinds.size) activeAt = now();
    return [...kinds];
  };
  const mark = () => [`${born}:${changes}`, ...frames().map((frame) => frame.mark())].join(' ');
  const foreign = () => { // whether the focus, and so perhaps the last input, is in a frame of another origin
    const focused = document.activeElement;
    if (!focused || focused.localName !== 'iframe') return false;
    try { return !focused.contentWindow[KEY]; } catch { return true; }
  };
  const status = (waited) => {
    const left = new Set(leftOut);
    for (const frame of frames()) for (const words of frame.leftOut) left.add(words);
    return {pending: pending(), waited: [...waited], leftOut: [...left], mark: mark(), title: document.title, foreign: foreign()};
  };
  const settled = () => {
    account += 1;
    activeAt = -Infinity;
    if (current !== UNKNOWN) enter(AMBIENT);
    going.clear();
    leftOut.clear();
    requested.clear();
    for (const frame of frames()) frame.settled();
  };

  const watch = {
    pending, mark, leftOut, settled,
    touch() { if (activeAt === -Infinity) openedAt = now(); activeAt = now(); },
    async wait(ms) {
      const end = now() + ms, waited = new Set();
      waiting += 1;
      try {
        for (;;) {
          const kinds = pending();
          if (!kinds.length || now() >= end) return status(waited);
          for (const kind of kinds) waited.add(kind);
          if (kinds.includes('idle work')) nextFrame(() => {}); // Chromium idles between frames, and a still page has none
          await pause(POLL);
        }
      } finally { waiting -= 1; }
    },
    async quiet(ms, expected) {
      const end = now() + ms, marks = expected.split('|'); // of this document, and of frames of other origins
      waiting += 1;
      try {
        for (;;) {
          const seen = status([]);
          const changed = seen.pending.length > 0 || !marks.includes(seen.mark);
          if (!changed && now() >= end) settled();
          if (changed || now() >= end) return seen;
          await pause(Math.min(POLL, end - now() + 1));
        }
      } finally { waiting -= 1; }
    },
  };
  Object.defineProperty(globalThis, KEY, {value: Object.freeze(watch)});
})();
