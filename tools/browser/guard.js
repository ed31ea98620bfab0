// Stops, before the page's own scripts hear of it, every real event that does not go to what was approved, or that finds it changed.
// Idle unless armed, and idle again by itself after `ms`.
(() => {
  'use strict';
  const on = globalThis.handeye;
  if (!on || on.arm) return;
  const {tag, pathOf, acting, factsOf, rootOf, tidy, known, single} = on;
  const now = performance.now.bind(performance), report = globalThis.handeyeReport;
  const POINTER = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'dblclick', 'auxclick', 'contextmenu', 'dragstart', 'drop'];
  const BRINGS = ['paste', 'drop', 'beforeinput'];
  const HELD = ['Control', 'Shift', 'Alt', 'Meta'];
  const KEYS = ['keydown', 'keypress', 'keyup', 'beforeinput', 'input'];
  const TOLD = ['role', 'name', 'text', 'input_type', 'autocomplete', 'href', 'new_tab', 'download', 'form_action', 'form_method',
    'form_fields', 'form_sums', 'amounts'];
  const CHEAP = ['input_type', 'autocomplete', 'form_action', 'form_method'];
  const ENDS = ['pointerup', 'mouseup', 'drop', 'click'];
  const composed = on.method(Event, 'composedPath');
  const stop = on.method(Event, 'stopImmediatePropagation'), prevent = on.method(Event, 'preventDefault');
  const submitterOf = on.getter(SubmitEvent, 'submitter');

  let armed = null;
  const show = (value) => (Array.isArray(value) ? JSON.stringify(value) : String(value)).slice(0, 120);
  const differences = (facts, element, names, entered) => {
    const found = factsOf(element, entered);
    const changed = names.filter((name) => JSON.stringify(found[name]) !== JSON.stringify(facts[name]));
    return changed.map((name) => [name, show(facts[name]), show(found[name])]);
  };
  // The innermost element of an event: inside of the closed shadow trees, too, that something approved is in.
  const innermost = (event, pointer) => {
    let node = composed(event)[0];
    for (let descended = true; descended;) {
      descended = false;
      for (const {element} of armed.all) {
        for (let root = rootOf(element); root instanceof ShadowRoot; root = rootOf(root.host)) {
          if (root.host !== node || root.mode !== 'closed') continue;
          const next = pointer ? root.elementFromPoint(event.clientX, event.clientY) : root.activeElement;
          if (next && next !== node) { node = next; descended = true; }
        }
      }
    }
    return node instanceof Element ? node : node instanceof Document ? document.documentElement : on.parentOf(node) ?? null;
  };
  const pathAt = (node, event) => {
    const path = composed(event).filter((part) => part instanceof Element);
    return path[0] === node ? path : pathOf(node);
  };
  const name = (element) => {
    const facts = factsOf(element);
    return [facts.role, facts.name || facts.text].filter(Boolean).join(' ').slice(0, 120);
  };
  // An arrow in a group of radio buttons chooses another of it, as a click on that one does.
  const radio = (element) => tag(element) === 'input' && element.type === 'radio';
  const chosen = (node) => armed.arrow && radio(node) && armed.all.some(({element, place}) => place === 'focus' && radio(element)
    && element.name && element.name === node.name && on.formOf(element) === on.formOf(node) && rootOf(element) === rootOf(node));
  const boxOf = (element) => tag(element) === 'input' && element.maxLength === 1 && single(element);

  const pointed = (event) => {
    const node = innermost(event, !(event.type === 'click' && event.detail === 0));
    if (!node) return {found: 'nothing'};
    if (armed.free && armed.passed.keydown) return null;
    const path = pathAt(node, event), {element, how} = acting(path);
    const places = armed.drag ? (ENDS.includes(event.type) ? ['drop', 'point'] : ['point']) : ['point', 'focus'];
    const same = (one) => one.element === element || (['plain', 'pointed'].includes(how)
      && (one.how === 'plain' ? one.element === path[0] : one.how === 'said' && path.includes(one.element)));
    const match = armed.all.find((one) => places.includes(one.place) && same(one));
    if (match) {
      const quick = match.place === 'drop' || ['pointerup', 'mouseup'].includes(event.type); // nothing comes of these by themselves
      const changed = quick ? [] : differences(match.facts, match.element, TOLD, armed.entered && match.place === 'focus');
      return changed.length ? {changed} : null;
    }
    // What is dragged may be drawn under the pointer: it is let go over what was approved if that lies there still.
    if (armed.drag && ['pointerup', 'mouseup'].includes(event.type) && how !== 'native') {
      const there = on.stack(rootOf(node), event.clientX, event.clientY);
      const own = (one) => !on.page(element) && (on.within(element, one.element) || on.within(one.element, element));
      if (armed.all.some((one) => (one.place === 'drop' ? there.includes(one.element) : own(one)))) return null;
    }
    if (armed.drag && event.type === 'click' && how === 'plain') return null;
    if (event.type === 'click' && event.detail === 0 && chosen(node)) return null;
    return {found: name(element)};
  };
  const keyed = (event) => {
    const node = innermost(event, false);
    const keys = armed.all.filter((one) => one.place === 'focus');
    if (!keys.length && HELD.includes(event.key)) return null; // held down for a click: a page hears that wherever its focus is
    const focus = keys.length || event.type.startsWith('key') ? keys : armed.all; // a slider or a box that is clicked tells of its input
    const match = focus.find((one) => one.element === node || (on.page(node) && on.page(one.element))
      || (tag(one.element) === 'option' && on.within(node, one.element))); // a list tells of the choice in it
    if (event.type === 'keyup' || (armed.free && armed.passed.keydown)) return null;
    if (match) {
      const entered = event.type === 'keydown' && ['Enter', ' '].includes(event.key);
      if (event.type === 'keydown') armed.arrow = event.key.startsWith('Arrow');
      const changed = differences(match.facts, match.element, entered ? TOLD.filter((one) => one !== 'text') : CHEAP, armed.entered);
      return changed.length ? {changed} : null;
    }
    if (node && event.type === 'input' && chosen(node)) return null;
    // One field for each character: a code that is typed on and on, as it is meant to be.
    if (node && boxOf(node) && focus.some((one) => boxOf(one.element) && on.formOf(one.element) === on.formOf(node)
      && one.element.type === node.type)) return null;
    return {found: node ? name(node) : 'nothing'};
  };
  const submitted = (event) => {
    if (armed.free && armed.passed.keydown) return null;
    const owner = event.target, submitter = submitterOf(event);
    const wanted = armed.all.filter((one) => one.facts.form_action && (on.formOf(one.element) === owner || one.element === owner));
    if (!wanted.length) return null;
    const goes = on.leads(owner, submitter ?? owner);
    const right = wanted.some((one) => one.facts.form_action === goes.form_action && one.facts.form_method === goes.form_method);
    return right ? null : {changed: [['form_action', wanted[0].facts.form_action, goes.form_action]]};
  };

  const LONGEST = 100000;
  const fold = (text) => text.normalize('NFKC').replace(/[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/gu, '')
    .replace(/[A-Z]/gu, (letter) => letter.toLowerCase());
  const multiply = Math.imul;
  // cyrb53, as fingerprints.py has it: this process is not to hold the text itself.
  const keyedHash = (text, start, length, salt) => {
    let one = 0xdeadbeef ^ salt, two = 0x41c6ce57 ^ salt;
    for (let at = start; at < start + length; at += 1) {
      const unit = text.charCodeAt(at);
      one = multiply(one ^ unit, 2654435761);
      two = multiply(two ^ unit, 1597334677);
    }
    one = multiply(one ^ (one >>> 16), 2246822507);
    one ^= multiply(two ^ (two >>> 13), 3266489909);
    two = multiply(two ^ (two >>> 16), 2246822507);
    two ^= multiply(one ^ (one >>> 13), 3266489909);
    return 4294967296 * (2097151 & two) + (one >>> 0);
  };
  const holds = (text, {length, salt, hash}) => {
    for (let at = 0; at + length <= text.length; at += 1) if (keyedHash(text, at, length, salt) === hash) return true;
    return false;
  };
  // Whether an event puts in, from the clipboard or a drag, what is to be put into no page.
  const brings = (event) => {
    if (!armed.hidden.length || !BRINGS.includes(event.type) || event.inputType === 'insertText') return false;
    const held = event.clipboardData ?? event.dataTransfer;
    const texts = held ? [...held.types].filter((type) => type.startsWith('text')).map((type) => held.getData(type)) : [];
    const all = [event.data ?? '', ...texts].join('\n');
    return all.length > LONGEST || armed.hidden.some((mark) => holds(fold(all), mark));
  };

  const check = (event) => {
    if (!armed || !event.isTrusted) return;
    if (now() > armed.until) { armed = null; return; }
    let fault;
    try {
      if (brings(event)) fault = {changed: [['what is put in', 'no secret', 'the value of a secret']]};
      else if (event.type !== 'paste') {
        fault = event.type === 'submit' ? submitted(event) : KEYS.includes(event.type) ? keyed(event) : pointed(event);
      }
    } catch (error) { fault = {found: `something that cannot be read (${tidy(error?.message, 80)})`}; }
    if (!fault && !armed.broken) {
      armed.passed[event.type] = (armed.passed[event.type] ?? 0) + 1;
      if (armed.passed[event.type] === 1) report(JSON.stringify({arm: armed.arm, passed: event.type}));
      return;
    }
    stop(event);
    prevent(event);
    if (fault && !armed.broken) report(JSON.stringify({arm: armed.arm, stopped: event.type, ...fault}));
    armed.broken = true; // what follows in the same action belongs to what was stopped
  };
  const listening = new WeakSet();
  const listen = (target) => {
    if (listening.has(target)) return;
    listening.add(target);
    for (const type of [...POINTER, ...KEYS, 'submit', 'paste']) target.addEventListener(type, check, {capture: true, passive: false});
  };
  const listenHere = () => { listening.delete(globalThis); listen(globalThis); };
  listenHere();
  // document.open() takes every listener away, those of all worlds; what observes the document stays, and hears of it before the next event.
  new MutationObserver(listenHere).observe(document, {childList: true});

  // From now on only `targets` (each {identity, place, how, facts}) may be touched in this frame: those of them that are in it.
  on.arm = (arm, targets, options, ms) => {
    listenHere();
    const all = targets.map((target) => ({...target, element: known(target.identity)})).filter((target) => target.element);
    armed = {arm, all, drag: options.drag, free: options.free, entered: options.entered, hidden: options.hidden,
      until: now() + ms, passed: {}, broken: false};
    // What is submitted in a shadow tree is not told outside of it, and what is hit in a closed one only roughly.
    for (const {element} of all) {
      for (let root = rootOf(element); root instanceof ShadowRoot; root = rootOf(root.host)) listen(root);
    }
  };
  on.disarm = (arm) => { if (armed?.arm === arm) armed = null; };
})();
