// What an element is and what it would do, read in a world of its own: the page's scripts cannot reach these functions, nor change what
// they call. Named fields of forms and documents hide their properties in every world (an input called `action`): so everything goes
// through the prototypes.
(() => {
  'use strict';
  if (globalThis.handeye) return;
  const AMOUNT = new RegExp({{AMOUNT}}, 'gu');
  const LONGEST = 300, SCOPE = 10000, DRAWN = 5000, FIELDS = 200, CLIMB = 6, CARD = 600, FEW = 20, TEXTS_KEPT = 8;

  const getter = (type, name) => { const {get} = Object.getOwnPropertyDescriptor(type.prototype, name);
    return (self) => Reflect.apply(get, self, []); };
  const method = (type, name) => { const work = type.prototype[name]; return (self, ...rest) => Reflect.apply(work, self, rest); };
  const attribute = method(Element, 'getAttribute'), has = method(Element, 'hasAttribute'), matches = method(Element, 'matches');
  const rectOf = method(Element, 'getBoundingClientRect'), find = method(Element, 'querySelectorAll'), tagOf = getter(Element, 'localName');
  const rootOf = method(Node, 'getRootNode'), parentNode = getter(Node, 'parentNode'), kids = getter(Node, 'childNodes');
  const words = getter(Node, 'textContent'), rendered = getter(HTMLElement, 'innerText'), slotOf = getter(Element, 'assignedSlot');
  const within = method(Node, 'contains'), one = method(Element, 'querySelector');
  const findAll = {document: method(Document, 'querySelectorAll'), fragment: method(DocumentFragment, 'querySelectorAll')};
  const form = {action: getter(HTMLFormElement, 'action'), method: getter(HTMLFormElement, 'method'), fields: getter(HTMLFormElement,
    'elements')};
  const byId = method(Document, 'getElementById'), ofFragment = method(DocumentFragment, 'getElementById');
  const styleOf = getComputedStyle;

  const attr = (element, name) => attribute(element, name) ?? '';
  const tag = (element) => (element instanceof Element ? tagOf(element).toLowerCase() : '');
  const findIn = (root, selector) => (root instanceof Document ? findAll.document : root instanceof DocumentFragment ? findAll.fragment
    : find)(root, selector);
  const leading = (all, most, wanted = () => true) => { // the first `most` that are wanted
    const found = [];
    for (const each of all) {
      if (wanted(each)) found.push(each);
      if (found.length === most) break;
    }
    return found;
  };
  // Marks that are not drawn are no part of a word; all kinds of space are one.
  const UNSEEN = new RegExp('[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e'
    + '\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0]', 'gu');
  const tidy = (text, most = LONGEST) => String(text ?? '').replace(UNSEEN, '').replace(/\s+/gu, ' ').trim().slice(0, most);
  const parentOf = (node) => (node instanceof Element && slotOf(node)) || (node instanceof Text && node.assignedSlot)
    || (node instanceof ShadowRoot ? node.host : parentNode(node));
  // What CSS draws of an element (`::after`, `::backdrop`) is a node that browsers hit, and whose events go to the element. Chromium tells
  // of some as objects of their own, of the others as elements that only it can make.
  const Part = globalThis.CSSPseudoElement, partElement = Part && getter(Part, 'element'), partType = Part && getter(Part, 'type');
  const partOf = (node) => (Part && node instanceof Part ? partType(node)
    : node instanceof Element && /^(?:::|<pseudo:)/u.test(tagOf(node)) ? tagOf(node) : '');
  const whole = (node) => {
    let at = node;
    while (partOf(at)) at = Part && at instanceof Part ? partElement(at) : parentNode(at);
    return at;
  };
  const pathOf = (node) => {
    const path = [];
    for (let at = node; at; at = parentOf(at)) if (at instanceof Element) path.push(at);
    return path;
  };
  const referred = (element, name) => {
    const root = rootOf(element);
    const get = root instanceof Document ? byId : root instanceof DocumentFragment ? ofFragment : () => null;
    return attr(element, name).split(/\s+/).filter(Boolean).map((id) => get(root, id)).filter(Boolean);
  };

  // Names

  const spoken = (element, depth = 0) => {
    if (depth > 12 || !(element instanceof Element)) return '';
    if (depth && (attr(element, 'aria-hidden') === 'true' || styleOf(element).display === 'none'
      || styleOf(element).visibility === 'hidden')) return '';
    const label = attr(element, 'aria-label').trim();
    if (depth && label) return label;
    const name = tag(element);
    if (name === 'img' || name === 'area') return attr(element, 'alt');
    if (name === 'svg') return words(one(element, 'title') ?? document.createTextNode(''));
    if (name === 'input' && !['submit', 'button', 'reset', 'image'].includes(element.type)) return '';
    if (['script', 'style', 'noscript', 'textarea', 'select'].includes(name)) return '';
    if (name === 'input') return ownName(element);
    const inside = name === 'slot' && element.assignedNodes().length ? element.assignedNodes() : element.shadowRoot
      ? kids(element.shadowRoot) : kids(element);
    return [...inside].slice(0, 200).map((node) => {
      if (node instanceof Text) return words(node);
      const flows = node instanceof Element && tag(node) !== 'br' && ['inline', 'contents'].includes(styleOf(node).display);
      return flows ? spoken(node, depth + 1) : ` ${spoken(node, depth + 1)} `;
    }).join('');
  };
  const ownName = (element) => {
    const kind = element.type;
    if (kind === 'image') return attr(element, 'alt') || attr(element, 'value') || 'Submit';
    return has(element, 'value') ? attr(element, 'value') : {submit: 'Submit', reset: 'Reset'}[kind] ?? '';
  };
  const isButton = (element) => tag(element) === 'button' || (tag(element) === 'input' && ['submit', 'button', 'reset',
    'image'].includes(element.type));
  const isField = (element) => tag(element) === 'textarea' || tag(element) === 'select' || (tag(element) === 'input' && !isButton(element));
  const ticked = (element) => tag(element) === 'input' && ['checkbox', 'radio'].includes(element.type);
  const labelled = (element) => [...(element.labels ?? [])].map((label) => spoken(label)).join(' ');
  // What stands beside a box that nothing names, as a person reads it: the words that share its parent with it alone.
  const beside = (element) => {
    const around = ticked(element) ? parentNode(element) : null;
    return around instanceof Element && !page(around) && find(around, 'input,select,textarea,button').length === 1
      && words(around).length <= CARD ? spoken(around) : '';
  };
  const native = (element) => {
    if (tag(element) === 'input' && isButton(element)) return ownName(element);
    if (isField(element)) return labelled(element);
    if (tag(element) === 'option') return attr(element, 'label') || words(element);
    if (['img', 'area'].includes(tag(element))) return attr(element, 'alt');
    if (['iframe', 'frame', 'object', 'embed', 'canvas', 'video', 'audio'].includes(tag(element))) return tag(element) === 'canvas'
      ? words(element) : '';
    if (tag(element) === 'fieldset') return spoken(one(element, 'legend'));
    if (element.isContentEditable) return '';
    return ['html', 'body', 'main'].includes(tag(element)) ? '' : spoken(element);
  };
  const nameOf = (element) => {
    const labelled = referred(element, 'aria-labelledby').map((other) => attr(other, 'aria-label') || spoken(other)).join(' ');
    return tidy(labelled) || tidy(attr(element, 'aria-label')) || tidy(native(element)) || tidy(attr(element, 'title'))
      || tidy(attr(element, 'placeholder')) || tidy(beside(element));
  };
  const written = (style) => (/^"(.*)"/su.exec(style.content)?.[1] ?? '');
  const drawn = (element) => { // what CSS writes before and after: words that no text holds
    const all = [element, ...[...find(element, '*')].slice(0, 20)];
    return all.flatMap((part) => ['::before', '::after'].map((side) => written(styleOf(part, side))))
      .filter((content) => /[\p{L}\p{N}]/u.test(content)).join(' ');
  };
  const textOf = (element) => {
    if (ticked(element)) return tidy(labelled(element));
    if (tag(element) === 'input') return isButton(element) && element.type !== 'image' ? tidy(ownName(element)) : '';
    if (isField(element) || element.isContentEditable || ['html', 'body', 'canvas', 'iframe'].includes(tag(element))) return '';
    if (tag(element) === 'option') return tidy(words(element));
    return tidy(`${element instanceof HTMLElement ? rendered(element) : words(element)} ${drawn(element)}`);
  };

  // Kinds

  const ROLES = {
    a: 'link', area: 'link', button: 'button', textarea: 'textbox', summary: 'button', option: 'option', img: 'image', canvas: 'canvas',
      svg: 'image',
    iframe: 'frame', frame: 'frame', object: 'plugin', embed: 'plugin', video: 'video', audio: 'audio', dialog: 'dialog', form: 'form',
      li: 'listitem', tr: 'row',
    h1: 'heading', h2: 'heading', h3: 'heading', h4: 'heading', h5: 'heading', h6: 'heading', html: 'document', body: 'document',
      p: 'paragraph', th: 'columnheader',
  };
  const INPUTS = {
    submit: 'button', button: 'button', reset: 'button', image: 'button', checkbox: 'checkbox', radio: 'radio', range: 'slider',
      number: 'spinbutton',
    search: 'searchbox', file: 'button', color: 'button', date: 'date', time: 'time', 'datetime-local': 'date', month: 'date', week: 'date',
  };
  const roleOf = (element) => {
    const said = attr(element, 'role').toLowerCase().split(/\s+/).find((word) => word && !['none', 'presentation',
      'generic'].includes(word));
    const name = tag(element);
    if (name === 'input') return said ?? (has(element, 'list') ? 'combobox' : INPUTS[element.type] ?? 'textbox');
    if (name === 'select') return element.multiple || element.size > 1 ? 'listbox' : 'combobox';
    return said ?? (element.isContentEditable ? 'textbox' : ROLES[name] ?? 'generic');
  };
  const ACTS = new Set(('button link menuitem menuitemcheckbox menuitemradio option tab checkbox radio switch treeitem textbox combobox '
    + 'searchbox slider spinbutton').split(' '));
  const ON = ['onclick', 'onmousedown', 'onmouseup', 'onpointerdown', 'onpointerup', 'ondblclick', 'ontouchstart', 'ontouchend'];
  const page = (element) => ['html', 'body'].includes(tag(element));
  const addressOf = (element) => {
    const name = tag(element);
    if ((name === 'a' || name === 'area') && (has(element, 'href') || has(element, 'xlink:href'))) {
      if (!(element instanceof SVGElement)) return element.href;
      try { return new URL(attr(element, 'href') || attr(element, 'xlink:href'), document.baseURI).href; } catch { return attr(element,
        'href'); }
    }
    return '';
  };
  const activates = (element) => {
    const name = tag(element);
    if (addressOf(element) || name === 'select' || name === 'textarea') return element;
    if (name === 'button') return tag(parentNode(element)) === 'select' ? parentNode(element) : element;
    if (name === 'input') return element.type === 'hidden' ? null : element;
    if (name === 'label') return element.control ?? null;
    if (name === 'option') return element.closest('select') ? element : null;
    if (name === 'summary') return tag(parentNode(element)) === 'details' ? element : null;
    return ['iframe', 'frame', 'object', 'embed', 'audio'].includes(name) || (name === 'video' && has(element, 'controls'))
      ? element : null;
  };
  // The element of a path (innermost first) that acts on a click there: what the browser itself activates, else what says that it does.
  const acting = (path) => {
    if (path[0]?.isContentEditable) return {element: path.filter((part) => part.isContentEditable).at(-1), how: 'edited'};
    for (const part of path) { const found = activates(part); if (found) return {element: found, how: 'native'}; }
    const own = path.filter((part) => !page(part));
    const said = own.find((part) => ACTS.has(roleOf(part)) || ON.some((name) => has(part, name)));
    if (said) return {element: said, how: 'said'};
    let pointed = null;
    for (const part of own) { if (styleOf(part).cursor !== 'pointer') break; pointed = part; }
    return pointed ? {element: pointed, how: 'pointed'} : {element: path[0], how: 'plain'};
  };

  // Forms

  const formOf = (element) => {
    const owner = 'form' in element && !(element instanceof HTMLFormElement) ? element.form : null;
    return owner instanceof HTMLFormElement ? owner : null;
  };
  const submits = (element) => (tag(element) === 'button' && element.type === 'submit') || (tag(element) === 'input' && ['submit',
    'image'].includes(element.type));
  // What the form has of its own is looked for among the buttons of its tree: there are fewer of them than of its fields.
  const defaultOf = (owner) => {
    const buttons = findIn(rootOf(owner), 'button,input[type=submit i]');
    return leading(buttons, 1, (button) => formOf(button) === owner && submits(button))[0] ?? one(owner, 'input[type=image]');
  };
  const TEXTS = /^(text|search|url|tel|email|password|number|date|month|week|time|datetime-local)$/;
  const single = (element) => tag(element) === 'input' && TEXTS.test(element.type);
  // What Enter in a field submits with: null for nothing, the form itself where it has no button and no other field.
  const implied = (element) => {
    const owner = formOf(element);
    if (!owner || !(single(element) || (tag(element) === 'input' && ['checkbox', 'radio'].includes(element.type)))) return null;
    const button = defaultOf(owner);
    if (button) return button;
    return leading(form.fields(owner), 2, single).length <= 1 ? owner : null;
  };
  const leads = (owner, submitter) => {
    const own = (name) => submitter && submitter !== owner && has(submitter, name);
    return {
      form_action: own('formaction') ? submitter.formAction : form.action(owner),
      form_method: own('formmethod') ? submitter.formMethod : form.method(owner),
      new_tab: opensTab(own('formtarget') ? attr(submitter, 'formtarget') : attr(owner, 'target')),
    };
  };
  const opensTab = (named) => {
    const target = (named || attr(document.querySelector('base[target]') ?? document.documentElement, 'target')).toLowerCase();
    return !['', '_self', '_parent', '_top'].includes(target);
  };
  // Browsers read it from its end; what a page calls a section may be of any length.
  const purpose = (field) => attr(field, 'autocomplete').toLowerCase().split(/\s+/u)
    .filter((token) => token && !token.startsWith('section-')).slice(-4).join(' ');
  const fieldsOf = (scope) => {
    const all = scope instanceof HTMLFormElement ? form.fields(scope) : find(scope, 'input,select,textarea');
    const told = leading(all, FIELDS).filter((field) => !isButton(field) && tag(field) !== 'fieldset'
      && tag(field) !== 'output').flatMap((field) => [
      tag(field) === 'input' ? field.type : tag(field),
      attr(field, 'autocomplete') && `autocomplete=${purpose(field)}`,
      attr(field, 'name') && `name=${attr(field, 'name')}`,
    ]);
    return [...new Set(told.filter(Boolean))].map((field) => tidy(field, 80)).sort();
  };

  // Surroundings

  const BOXES = 'dialog,form,fieldset,section,article,aside,li,tr,[role=dialog],[role=alertdialog],[role=form],[role=region],[role=group]';
  const scopesOf = (path, owner) => {
    const found = owner ? [owner] : [];
    const boxes = path.filter((part) => matches(part, BOXES));
    if (boxes[0]) found.push(boxes[0]);
    const dialog = boxes.find((part) => matches(part, 'dialog,[role=dialog],[role=alertdialog]'));
    if (dialog) found.push(dialog);
    if (!boxes.length) {
      const near = path.slice(1, CLIMB).filter((part) => !page(part) && words(part).length <= CARD).at(-1);
      if (near) found.push(near);
    }
    return [...new Set(found)];
  };
  // Of a long form the beginning and the end, where its total is, and without asking what of it is drawn: that takes as long as drawing it.
  const contents = (scope) => {
    const all = words(scope);
    return all.length > DRAWN || !(scope instanceof HTMLElement)
      ? `${all.slice(0, SCOPE)}\n${all.slice(SCOPE).slice(-SCOPE)}` : rendered(scope);
  };
  // Each is asked of the same text again: by the look that follows, and by the guard at each of its events.
  const counted = new Map();
  const sums = (text) => {
    if (!counted.has(text)) {
      if (counted.size >= TEXTS_KEPT) counted.clear();
      counted.set(text, [...text.replace(UNSEEN, '').replace(/[ \t]+/gu, ' ').matchAll(AMOUNT)].map((found) => tidy(found[0], 60)));
    }
    return counted.get(text);
  };
  // A number in hundredths, however it is written; what has none is empty.
  const cents = (text) => {
    const number = /^[^\d.,]{0,8}(\d[\d.,'’\s]*)[^\d.,]{0,8}$/u.exec(text)?.[1].replace(/['’\s]/gu, '').replace(/[.,]+$/u, '');
    const [, whole, fraction] = /^(.*?)(?:[.,](\d{1,2}))?$/u.exec(number ?? '');
    return number ? `${whole.replace(/[.,]/gu, '')}${(fraction ?? '').padEnd(2, '0')}`.replace(/^0+(?=\d)/u, '') : '';
  };
  const sends = (field, submitter) => {
    if (!attr(field, 'name') || matches(field, ':disabled') || !('value' in field)) return false;
    if (isButton(field)) return field === submitter;
    return tag(field) === 'input' && ['checkbox', 'radio'].includes(field.type) ? field.checked : !['file', 'password'].includes(field.type);
  };
  // Fields of a form, sent with `submitter`, whose values are among `amounts`: as such, or in hundredths.
  const sumsOf = (owner, submitter, amounts) => {
    const shown = new Set(amounts.map(cents).filter(Boolean)), found = new Map();
    if (!shown.size) return [];
    for (const field of leading(form.fields(owner), FIELDS, (each) => sends(each, submitter))) {
      const name = attr(field, 'name'), value = String(field.value).slice(0, 40);
      const fits = shown.has(cents(value)) || shown.has(value);
      found.set(name, [...found.get(name) ?? [], fits && `${name}=${value}`]);
    }
    return [...found.values()].filter((all) => all.every(Boolean)).flat().sort();
  };
  const few = (all) => (all.length <= FEW ? all : [...all.slice(0, FEW / 2), ...all.slice(-FEW / 2)]); // a total comes last
  const headed = (scope) => {
    const name = tidy(referred(scope, 'aria-labelledby').map(spoken).join(' ')) || tidy(attr(scope, 'aria-label'));
    if (name) return name;
    const heading = one(scope, 'legend,h1,h2,h3,h4,h5,h6,[role=heading]');
    return heading ? tidy(spoken(heading)) : '';
  };
  const containerOf = (path) => {
    for (const part of path.slice(1)) if (matches(part, BOXES)) { const name = headed(part); if (name) return name; }
    return '';
  };

  // Identities

  const born = Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36).padStart(2, '0')).join('');
  const numbers = new WeakMap(), elements = new Map();
  const identify = (element) => {
    if (!numbers.has(element)) { numbers.set(element, elements.size + 1); elements.set(`${born}:${numbers.get(element)}`,
      new WeakRef(element)); }
    return `${born}:${numbers.get(element)}`;
  };

  const statesOf = (element, owner) => {
    const type = tag(element) === 'input' ? element.type : '';
    const editable = element.isContentEditable || ((tag(element) === 'textarea' || TEXTS.test(type)) && !element.readOnly
      && !element.disabled);
    const root = rootOf(element);
    return Object.entries({
      disabled: matches(element, ':disabled') || attr(element, 'aria-disabled') === 'true',
      checked: element.checked === true || (tag(element) === 'option' && element.selected) || attr(element, 'aria-checked') === 'true',
      editable,
      password: type === 'password' || (editable && !['none', ''].includes(styleOf(element).webkitTextSecurity ?? '')),
      focused: 'activeElement' in root && root.activeElement === element && !page(element),
      default: Boolean(owner && submits(element) && defaultOf(owner) === element),
    }).filter(([, holds]) => holds).map(([name]) => name).sort();
  };

  // Everything that is told of one element. `entered`: Enter is pressed in it.
  const factsOf = (element, entered = false) => {
    const owner = formOf(tag(element) === 'option' ? element.closest('select') : element) ?? (tag(element) === 'label'
      ? formOf(element.control ?? element) : null);
    const submitter = submits(element) ? element : entered ? implied(element) : null;
    const path = pathOf(element), scopes = scopesOf(path, owner), href = addressOf(element);
    const name = nameOf(element), text = textOf(element);
    const goes = owner && submitter ? leads(owner, submitter)
      : {form_action: '', form_method: '', new_tab: Boolean(href) && opensTab(attr(element, 'target'))};
    const near = scopes.find((scope) => scope instanceof HTMLFormElement) ?? scopes[0];
    const amounts = [...new Set([...sums(`${name}\n${text}`), ...scopes.flatMap((scope) => sums(contents(scope)))])];
    return {
      identity: identify(element), role: roleOf(element), name, text: text === name ? '' : text, states: statesOf(element, owner),
      input_type: isButton(element) || tag(element) === 'input' ? element.type : '',
      autocomplete: attr(element, 'autocomplete').toLowerCase(),
      href, download: Boolean(href) && has(element, 'download'), ...goes,
      form_fields: near ? fieldsOf(near) : [],
      form_sums: owner && submitter ? sumsOf(owner, submitter, amounts) : [], amounts: few(amounts),
      container: containerOf(path), resource_id: attr(element, 'id').slice(0, 100),
    };
  };

  const known = (identity) => elements.get(identity)?.deref() ?? null;
  globalThis.handeye = {
    getter, method, attr, has, tag, tidy, one, find, matches, within, rootOf, rectOf, rendered, kids, parentOf, pathOf, whole, partOf,
    written, spoken, isField,
      single, page, acting, activates,
    formOf, implied, leads, submits, identify, known, factsOf, styleOf, roleOf, ACTS, ON,
  };
})();
