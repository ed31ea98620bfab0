'use strict';
// Knows whether anything was drawn since a picture was taken. Every document of the phone is watched from the shell.
globalThis.ledger = (() => {
  let armed = false;
  const documents = new Set();
  const LONG_MS = 400; // of a press that makes no click
  const LATE_MS = 300; // after which no click comes any more

  function dirty() {
    if (!armed) return;
    armed = false;
    globalThis.bridgeDirty?.();
  }

  const EVENTS = ['scroll', 'input', 'change', 'focusin', 'focusout', 'pointerdown', 'pointerup', 'pointercancel', 'touchstart', 'touchend',
    'touchcancel', 'mouseover', 'mouseout', 'mousedown', 'mouseup', 'animationstart', 'animationend', 'animationcancel', 'transitionrun', 'transitionend',
    'transitioncancel', 'load', 'error', 'selectionchange', 'toggle', 'fullscreenchange', 'play', 'timeupdate', 'seeked', 'resize', 'select'];

  // What is drawn without an event or a change of the tree: values that scripts set, canvases.
  function instrument(view) {
    for (const [kind, names] of [[view.HTMLInputElement, ['value', 'checked', 'indeterminate', 'valueAsNumber', 'selectionStart', 'selectionEnd']],
      [view.HTMLTextAreaElement, ['value', 'selectionStart', 'selectionEnd']], [view.HTMLSelectElement, ['value', 'selectedIndex']],
      [view.HTMLOptionElement, ['selected']], [view.CSSStyleSheet, ['disabled']]]) {
      for (const name of names) {
        const own = Object.getOwnPropertyDescriptor(kind.prototype, name);
        if (own?.set) Object.defineProperty(kind.prototype, name, {...own, set(value) { dirty(); own.set.call(this, value); }});
      }
    }
    for (const [kind, names] of [[view.CanvasRenderingContext2D, ['fill', 'stroke', 'fillRect', 'strokeRect', 'clearRect', 'drawImage', 'fillText',
      'strokeText', 'putImageData', 'reset']], [view.HTMLInputElement, ['setSelectionRange', 'setRangeText', 'select']],
    [view.HTMLTextAreaElement, ['setSelectionRange', 'setRangeText', 'select']], [view.CSSStyleSheet, ['insertRule', 'deleteRule', 'replaceSync', 'replace']],
    [view.CSSStyleDeclaration, []]]) {
      for (const name of names) {
        const own = kind.prototype[name];
        if (own) kind.prototype[name] = function (...given) { dirty(); return own.apply(this, given); };
      }
    }
  }

  function watch(page) {
    const view = page.defaultView;
    if (documents.has(page) || !view) return;
    documents.add(page);
    instrument(view);
    new view.MutationObserver(dirty).observe(page, {subtree: true, childList: true, attributes: true, characterData: true});
    watchTaps(view);
    for (const name of EVENTS) view.addEventListener(name, dirty, {capture: true, passive: true});
    dirty();
  }

  // A tap becomes a click a little after the finger was lifted: until then it is not done.
  let due = 0, start = null;
  function watchTaps(view) {
    const listen = (name, fn) => view.addEventListener(name, fn, {capture: true, passive: true});
    listen('touchstart', (event) => { due = 0; start = {x: event.touches[0].screenX, y: event.touches[0].screenY, at: performance.now()}; });
    listen('touchmove', (event) => { if (start && Math.hypot(event.touches[0].screenX - start.x, event.touches[0].screenY - start.y) > 10) start = null; });
    view.addEventListener('touchend', (event) => { if (start && performance.now() - start.at < LONG_MS && !event.defaultPrevented) due = performance.now(); start = null; }, {passive: true});
    for (const name of ['click', 'mouseup', 'contextmenu', 'touchcancel']) listen(name, () => { due = 0; });
  }
  const tapping = () => due > 0 && performance.now() - due < LATE_MS;

  // Whether something moves by itself: then no picture is worth keeping.
  function moving() {
    for (const page of documents) {
      if (!page.defaultView) { documents.delete(page); continue; }
      if (page.getAnimations().some((each) => each.playState === 'running' || each.pending)) return true;
      for (const video of page.querySelectorAll('video')) if (!video.paused) return true;
    }
    return false;
  }

  watch(document);
  return {watch, dirty, moving, tapping, take() { armed = true; return moving(); }};
})();
