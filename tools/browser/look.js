// What is under a point and what has the focus, told by facts.js, and why it may not be what it seems.
(() => {
  'use strict';
  const on = globalThis.handeye;
  if (!on || on.at) return;
  const {tag, attr, has, tidy, find, within, rectOf, parentOf, pathOf, page, acting, styleOf, factsOf} = on;
  const FAINT = 0.15, SOLID = 0.85, TINY = 2, OWN = 200, SMALL = 5;
  const THINGS = 'a[href],button,input,select,textarea,[role=button],[role=link],[onclick]';
  const words = on.getter(Node, 'textContent');
  const activeOf = on.getter(Document, 'activeElement');
  const stackAt = {document: on.method(Document, 'elementsFromPoint'), shadow: (root, x, y) => root.elementsFromPoint(x, y)};
  const first = on.method(Document, 'elementFromPoint');
  const stack = (root, x, y) => (root instanceof Document ? stackAt.document(root, x, y) : stackAt.shadow(root, x, y));

  const letters = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const agree = (name, text) => {
    const a = letters(name), b = letters(text);
    return !a.length || !b.length || a.join('').includes(b.join('')) || b.join('').includes(a.join(''))
      || a.every((word) => b.includes(word)) || b.every((word) => a.includes(word));
  };
  const opacity = (element) => pathOf(element).reduce((product, part) => product * Number(styleOf(part).opacity || 1), 1);
  const alpha = (colour) => {
    const parts = /^rgba\(.*?([\d.]+)\)$/u.exec(colour) ?? / \/ ([\d.]+)\)$/u.exec(colour);
    return parts ? Number(parts[1]) : colour === 'transparent' ? 0 : 1;
  };
  const pictures = ['img', 'video', 'canvas', 'iframe', 'frame', 'object', 'embed', 'image'];
  const filled = (style) => alpha(style.backgroundColor) > SOLID || style.backgroundImage !== 'none';
  // Whether something is drawn there that hides what lies under it.
  const solid = (element) => opacity(element) > SOLID && (pictures.includes(tag(element)) || filled(styleOf(element)));
  const related = (a, b) => [a, b].some((one) => one instanceof Element && pathOf(one).includes(one === a ? b : a));
  const labels = (control, element) => [...(control.labels ?? [])].some((label) => pathOf(element).includes(label));
  const interactive = (path) => { const {element, how} = acting(path); return how === 'plain' ? null : element; };

  // Another element that a person sees here and would take for what the click hits.
  const under = (element, hit, root, x, y) => {
    if (x === null || tag(element) === 'option') return ''; // lists of choices are drawn above all
    for (const other of stack(root, x, y)) {
      const path = pathOf(other), acts = interactive(path);
      const own = path.includes(element) || path.includes(hit) || related(element, other) || related(hit, other) || labels(element, other);
      if (!own && acts && acts !== element && !related(acts, element)) return on.tag(acts) === 'iframe' ? 'a frame' : factsOf(acts).name
        || tag(acts);
      if (solid(other) && !(own && opacity(element) <= FAINT)) return '';
    }
    return '';
  };
  // Something that takes no clicks and is drawn above: an element, or what CSS draws of one.
  const above = (element, hit, over) => {
    const owner = over && on.whole(over);
    if (!owner || related(element, owner) || related(hit, owner) || labels(element, owner)) return '';
    const style = owner === over ? null : styleOf(owner, on.partOf(over));
    const said = tidy(style ? on.written(style) : over.innerText ?? over.textContent, 40);
    const seen = style ? opacity(owner) * Number(style.opacity || 1) : opacity(over);
    const hides = style ? seen > SOLID && filled(style) : solid(over);
    return hides || (seen > FAINT && said) ? said || tag(owner) : '';
  };
  const framed = (element) => ['iframe', 'frame'].includes(tag(element));

  const where = (element, dx, dy) => {
    const rect = rectOf(element);
    return dx === null ? null : [rect.left + dx, rect.top + dy, rect.right + dx, rect.bottom + dy];
  };
  // Words that are there and not drawn, so that a picture can stand in their place.
  const unseen = (element, how) => {
    const style = styleOf(element);
    return how !== 'plain' && !on.isField(element) && Boolean(tidy(words(element)))
      && (parseFloat(style.fontSize) < SMALL || alpha(style.color) <= FAINT);
  };
  const seen = (element, how, facts, doubts) => {
    const name = tag(element);
    if (name === 'canvas') doubts.push('canvas');
    if (['object', 'embed'].includes(name)) doubts.push('plugin');
    if (framed(element)) doubts.push('frame that cannot be read');
    // What native controls of sound and film do is the browser's own.
    const plays = ['audio', 'video'].includes(name) && how === 'native';
    if (['native', 'said', 'pointed'].includes(how) && !on.isField(element) && !plays
      && !letters(`${facts.name}${facts.text}`).length) doubts.push('no name');
    if (letters(facts.text || facts.name).length && unseen(element, how)) doubts.push('words that cannot be seen');
    if (facts.text && !agree(facts.name, facts.text)) doubts.push('name and words differ');
  };
  const tiny = (element) => { // a slot has no box of its own
    const rect = rectOf(element);
    return (rect.width < TINY || rect.height < TINY) && !page(element) && tag(element) !== 'area' && styleOf(element).display !== 'contents';
  };

  // What a click on `node`, the innermost node that the browser hits at (x, y) of this frame, would act on; `over`: what would be hit if
  // nothing let clicks through; (dx, dy): where this frame's corner is in the picture. Null where that is not known.
  // `listens`: what is known to listen to clicks: a place in the path, 'page' (the document), or null where that was not asked.
  const at = (node, x, y, over, dx, dy, listens) => {
    const meant = on.whole(node), hits = meant instanceof Element ? meant : parentOf(meant);
    if (!hits) return {known: false, doubts: ['nothing there']};
    const path = inner(hits, x, y), hit = path[0], doubts = [];
    const {element, how} = typeof listens === 'number' && own(path[listens]) ? {element: path[listens], how: 'said'} : acting(path);
    if (listens !== null && how === 'plain') doubts.push('the page listens to every click');
    const facts = factsOf(element);
    seen(element, how, facts, doubts);
    if (tiny(hit)) doubts.push('no size');
    if (tag(hit) === 'canvas' && element !== hit) doubts.push('canvas');
    const custom = path.find((part) => tag(part).includes('-') && !part.shadowRoot);
    if (custom && custom === hit && how === 'plain') doubts.push('closed element');
    const hidden = under(element, hit, on.rootOf(hit), x, y), cover = above(element, hit, over);
    if (hidden) doubts.push(`lies over ${hidden}`);
    if (cover) doubts.push(`covered by ${cover}`);
    const plain = on.isField(element) && (facts.name || facts.resource_id);
    if (path.includes(element) && opacity(element) <= FAINT && !plain) doubts.push('cannot be seen');
    const frame = framed(element) ? {left: rectOf(element).left + element.clientLeft, top: rectOf(element).top + element.clientTop} : null;
    return {...facts, how, frame, depth: path.length, known: !doubts.length, doubts, box: where(path.includes(element) ? element : hit,
      dx, dy), ...place()};
  };
  // Whether something that listens is a thing of its own, and no part of the page that holds many.
  const own = (element) => !page(element) && tidy(words(element), OWN + 1).length <= OWN && !find(element, THINGS).length;
  const inner = (hit, x, y) => {
    // Words of an element that stand in its shadow tree are hit as the element's own: what acts is around their slot.
    const path = pathOf(hit);
    const slots = hit.shadowRoot ? [...on.kids(hit)].map((kid) => kid instanceof Text && kid.assignedSlot).filter(Boolean) : [];
    return slots.length ? pathOf(slots[0]) : path;
  };
  const place = () => ({origin: self.origin === 'null' && location.protocol === 'file:' ? 'file://' : self.origin, top: self === self.top});

  const focus = () => {
    let element = activeOf(document);
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  };
  // What has the focus: `element`, or what `focus` finds. `entered`: Enter is pressed there.
  const focused = (element, entered) => {
    if (!element || page(element) && !element.isContentEditable) {
      return [{...(element ? factsOf(element) : {}), how: 'page', known: false, doubts: ['nothing has the focus'], frame: null,
        ...place()}];
    }
    const doubts = [], facts = factsOf(element, entered);
    seen(element, 'native', facts, doubts);
    if (tiny(element) || opacity(element) <= FAINT) doubts.push('cannot be seen');
    if (entered && element.isContentEditable) doubts.push('what Enter does here is up to the page');
    const closed = !on.activates(element) && !element.isContentEditable && !element.shadowRoot;
    const told = [{...facts, how: 'focus', frame: framed(element) ? {} : null, known: !doubts.length, doubts, box: where(element, 0, 0),
      ...place(), closed}];
    const button = entered ? on.implied(element) : null;
    if (button && !(button instanceof HTMLFormElement)) {
      const more = factsOf(button);
      told.push({...more, how: 'focus', frame: null, known: true, doubts: [], box: where(button, 0, 0), ...place(),
        states: [...new Set([...more.states, 'default'])].sort()});
    }
    return told;
  };
  // The innermost node at (x, y) that this world can see, as the browser's own hit test finds it but for closed shadow trees and frames.
  const hitAt = (x, y) => {
    let hit = first(document, x, y);
    for (let inner = hit; inner?.shadowRoot;) {
      inner = inner.shadowRoot.elementFromPoint(x, y);
      if (!inner || !within(hit.shadowRoot, inner)) break;
      hit = inner;
    }
    return hit;
  };
  // What a click on `node` passes through, `most` of it, and the document.
  const around = (node, most) => [...pathOf(on.whole(node)).slice(0, most), document];
  // `ground`, and `at` of what this world finds there, as text; that node, and what is around it where nothing tells what acts.
  const glance = (x, y, dx, dy, most) => {
    const hit = hitAt(x, y);
    let found = null;
    try { found = hit && at(hit, x, y, null, dx, dy, null); } catch { found = null; }
    const told = JSON.stringify([ground(), found]);
    return found ? [told, ...(found.how === 'plain' ? around(hit, Math.min(most, found.depth)) : [hit])] : [told];
  };
  const topmost = (x, y) => stack(document, x, y)[0] ?? null;
  const ground = () => ({x: scrollX, y: scrollY, url: location.href, origin: place().origin});

  Object.assign(on, {stack, at, around, glance, focus, focused, topmost, ground, activeOf});
})();
