'use strict';
// A small kit of controls, so that all apps look and behave alike. Every control has a text or an `aria-label`; `id` is its resource id.
globalThis.icon = parent.icon;

globalThis.ui = (() => {
  // An element: attributes by name, listeners as `onclick`, `id` for the resource id, null and false left out.
  function h(tag, attributes, ...children) {
    const made = document.createElement(tag);
    if (attributes?.nodeType || typeof attributes === 'string' || Array.isArray(attributes)) { children.unshift(attributes); attributes = null; }
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
      else if (name === 'id') made.dataset.id = value;
      else if (name === 'value' || name === 'checked' || name === 'disabled') made[name] = value;
      else made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false).map((child) => (child.nodeType ? child : String(child))));
    return made;
  }

  const asIcon = (given, size) => (typeof given === 'string' ? icon(given, size) : given);

  // A long press runs `fn` instead of the click that would follow. (Touches that come over the DevTools protocol make no `contextmenu`.)
  function onLong(element, fn) {
    let timer = 0, start = null, done = false;
    const stop = () => clearTimeout(timer);
    const press = (event) => { stop(); done = true; fn(event); };
    element.dataset.long = '';
    element.addEventListener('touchstart', (event) => {
      stop();
      done = false;
      start = event.touches[0];
      if (event.touches.length === 1) timer = setTimeout(press, Number(phone.settings.get('secure', 'long_press_timeout', '400')) || 400, event);
    }, {passive: true});
    element.addEventListener('touchmove', ({touches: [now]}) => { if (Math.hypot(now.clientX - start.clientX, now.clientY - start.clientY) > 10) stop(); }, {passive: true});
    element.addEventListener('touchend', (event) => { stop(); if (done) event.preventDefault(); });
    element.addEventListener('touchcancel', stop);
    element.addEventListener('contextmenu', (event) => { event.preventDefault(); if (!done) press(event); });
    element.addEventListener('click', (event) => { if (done) { event.stopImmediatePropagation(); event.preventDefault(); done = false; } }, {capture: true});
    return element;
  }

  function iconButton({icon: sign, label, onclick, id, disabled, pressed}) {
    return h('button', {class: 'ui-icon-button', 'aria-label': label, id, onclick, disabled, 'aria-pressed': pressed === undefined ? null : String(pressed)}, asIcon(sign));
  }

  function button({label, kind = 'text', onclick, id, icon: sign, disabled, danger, wide}) {
    return h('button', {class: `ui-button ${kind}${danger ? ' danger' : ''}${wide ? ' wide' : ''}`, id, onclick, disabled}, sign && asIcon(sign), label);
  }

  // A line of a list: {icon, avatar, lead, title, text, trailing, onclick, onlong, id, label, selected, disabled, oneLine}
  function row(given) {
    const {title, text, onclick, onlong, id, label, selected, disabled, oneLine} = given;
    const lead = given.lead ?? (given.avatar ? avatar(given.avatar, given.picture) : given.icon ? asIcon(given.icon) : null);
    const trail = given.trailing === undefined ? null : h('span', {class: 'trail'}, given.trailing);
    const clickable = onclick || onlong;
    const made = h(clickable ? 'button' : 'div', {class: `ui-row${text ? ' two' : ''}${selected ? ' selected' : ''}${disabled ? ' disabled' : ''}${oneLine ? ' line' : ''}`, id, 'aria-label': label, onclick, disabled: clickable ? Boolean(disabled) : null},
      lead && h('span', {class: 'lead'}, lead), h('span', {class: 'texts'}, h('div', {class: 'title', id: 'title'}, title), text && h('div', {class: 'text', id: 'summary'}, text)), trail);
    return onlong ? onLong(made, onlong) : made;
  }

  function toggle(element, onchange) {
    return () => {
      const checked = element.getAttribute('aria-checked') !== 'true';
      element.setAttribute('aria-checked', String(checked));
      element.querySelector('.ui-switch')?.setAttribute('aria-checked', String(checked));
      onchange?.(checked, element);
    };
  }

  function switch_({checked, onchange, label, id, disabled}) {
    const made = h('button', {class: 'ui-switch', role: 'switch', 'aria-checked': String(Boolean(checked)), 'aria-label': label, id, disabled});
    made.addEventListener('click', toggle(made, onchange));
    return made;
  }

  function switchRow(given) {
    const knob = h('span', {class: 'ui-switch', 'aria-checked': String(Boolean(given.checked)), role: 'switch', id: 'switch_widget', 'aria-label': ''});
    const made = row({...given, onclick: () => {}, trailing: knob});
    made.setAttribute('aria-checked', String(Boolean(given.checked)));
    made.addEventListener('click', toggle(made, given.onchange));
    made.dataset.kind = 'switch';
    return made;
  }

  function checkRow(given) {
    const made = row({...given, onclick: () => {}, lead: h('span', {class: 'ui-check'}, icon('check'))});
    made.setAttribute('role', 'checkbox');
    made.setAttribute('aria-checked', String(Boolean(given.checked)));
    made.addEventListener('click', toggle(made, given.onchange));
    return made;
  }

  function checkbox({checked, onchange, label, id, disabled}) {
    const made = h('button', {class: 'ui-icon-button', role: 'checkbox', 'aria-checked': String(Boolean(checked)), 'aria-label': label, id, disabled}, h('span', {class: 'lead'}, h('span', {class: 'ui-check'}, icon('check'))));
    made.addEventListener('click', toggle(made, onchange));
    return made;
  }

  // Rows of which one is chosen: options are {value, title, text} or plain values.
  function radios({options, value, onchange, id}) {
    const list = h('div', {role: 'radiogroup', id});
    for (const option of options.map((each) => (typeof each === 'object' ? each : {value: each, title: String(each)}))) {
      const made = row({title: option.title, text: option.text, id: option.id, lead: h('span', {class: 'ui-radio'}), onclick: () => {
        for (const other of list.children) other.setAttribute('aria-checked', String(other === made));
        onchange?.(option.value);
      }});
      made.setAttribute('role', 'radio');
      made.setAttribute('aria-checked', String(option.value === value));
      list.append(made);
    }
    return list;
  }

  // A text field: {label, value, type, multiline, placeholder, hint, id, action, oninput, onenter, autofocus}; `.input` is its element, `.value` its text.
  function field({label, value = '', type = 'text', multiline, rows = 3, placeholder, hint, id, action, oninput, onenter, autofocus, capitals}) {
    const input = h(multiline ? 'textarea' : 'input', {type: multiline ? null : type, rows: multiline ? rows : null, placeholder, id: id ?? 'edit_text', 'aria-label': placeholder ? null : label,
      enterkeyhint: action, autocomplete: 'off', autocapitalize: capitals ?? (type === 'text' ? 'sentences' : 'none'), spellcheck: 'false', value, 'data-autofocus': autofocus ? true : null});
    if (oninput) input.addEventListener('input', () => oninput(input.value));
    if (onenter) input.addEventListener('keydown', (event) => { if (event.key === 'Enter' && !multiline) { event.preventDefault(); onenter(input.value); } });
    const note = h('span', {class: 'hint', hidden: !hint}, hint ?? '');
    const made = h('label', {class: 'ui-field'}, label && h('span', {class: 'label'}, label), input, note);
    made.input = input;
    made.wrong = (text) => { made.classList.toggle('wrong', Boolean(text)); note.textContent = text || hint || ''; note.hidden = !note.textContent; };
    Object.defineProperty(made, 'value', {get: () => input.value, set: (next) => { input.value = next; }});
    return made;
  }

  function searchField({placeholder = 'Search', value = '', oninput, onenter, id = 'search_src_text', autofocus}) {
    const input = h('input', {type: 'text', placeholder, value, id, enterkeyhint: 'search', autocomplete: 'off', spellcheck: 'false', 'data-autofocus': autofocus ? true : null});
    const clear = iconButton({icon: 'close', label: 'Clear', id: 'search_close_btn', onclick: () => { input.value = ''; changed(); input.focus(); }});
    const changed = () => { clear.style.visibility = input.value ? '' : 'hidden'; oninput?.(input.value); };
    clear.style.visibility = value ? '' : 'hidden';
    input.addEventListener('input', changed);
    if (onenter) input.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); onenter(input.value); } });
    const made = h('div', {class: 'ui-search'}, icon('search', 20), input, clear);
    made.input = input;
    return made;
  }

  const COLOURS = ['#5b7fd1', '#c0567a', '#3d8f7d', '#b06b2f', '#7a5cc2', '#4d8c3f', '#a34b4b', '#3a7ca5', '#8a7a2c'];
  function avatar(text, picture) {
    const sum = [...String(text)].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) >>> 0, 7);
    const first = [...String(text).replace(/[^\p{L}\p{N}]/gu, '')][0];
    return h('span', {class: 'ui-avatar', style: `background:${COLOURS[sum % COLOURS.length]}`, 'aria-hidden': 'true'}, picture ? h('img', {src: picture, width: 40, height: 40, alt: ''}) : first ? first.toUpperCase() : icon('person', 22));
  }

  const section = (title) => h('div', {class: 'ui-section'}, title);
  const divider = () => h('div', {class: 'ui-divider'});
  const empty = ({icon: sign = 'info', text}) => h('div', {class: 'ui-empty'}, asIcon(sign), h('div', {}, text));
  const chip = ({label, icon: sign, checked, onclick, id}) => h('button', {class: 'ui-chip', id, onclick, 'aria-pressed': checked === undefined ? null : String(checked)}, sign && asIcon(sign), label);
  const chips = (list) => h('div', {class: 'ui-chips'}, list.map(chip));

  function tabs({items, value, onchange, bottom}) {
    const made = h('div', {class: bottom ? 'ui-bottom' : 'ui-tabs', role: 'tablist'});
    for (const item of items) {
      made.append(h('button', {role: 'tab', id: item.id ?? null, 'aria-selected': String(item.value === value), 'aria-label': item.label, onclick: () => {
        for (const other of made.children) other.setAttribute('aria-selected', String(other.item === item));
        onchange(item.value);
      }}, item.icon && h('span', {class: 'pill'}, asIcon(item.icon)), h('span', {}, item.label)));
      made.lastChild.item = item;
    }
    return made;
  }
  const bottomNav = (given) => tabs({...given, bottom: true});

  // A slider whose ends are exactly `min` and `max`.
  function slider({min = 0, max = 100, step = 1, value = min, label, id, onchange, oninput, icon: sign, disabled}) {
    const done = h('span', {class: 'done'}), knob = h('span', {class: 'knob'});
    const track = h('div', {class: 'track', role: 'slider', tabindex: '-1', 'aria-label': label, id, 'aria-valuemin': min, 'aria-valuemax': max}, done, knob);
    let now = value;
    const draw = () => {
      const part = max > min ? ((now - min) / (max - min)) * 100 : 0;
      done.style.width = `${part}%`;
      knob.style.left = `calc(12px + (100% - 24px) * ${part / 100})`;
      track.setAttribute('aria-valuenow', now);
    };
    const at = (x) => {
      const box = track.getBoundingClientRect(), part = Math.min(1, Math.max(0, (x - box.left - 12) / (box.width - 24)));
      return part === 1 ? max : Math.min(max, min + Math.round((part * (max - min)) / step) * step);
    };
    const move = (event) => { const next = at(event.clientX); if (next !== now) { now = next; draw(); oninput?.(now); } };
    if (!disabled) {
      track.addEventListener('pointerdown', (event) => { track.setPointerCapture(event.pointerId); move(event); });
      track.addEventListener('pointermove', (event) => { if (track.hasPointerCapture(event.pointerId)) move(event); });
      track.addEventListener('pointerup', (event) => { move(event); onchange?.(now); });
    }
    draw();
    const made = h('div', {class: 'ui-slider'}, sign && asIcon(sign), track);
    Object.defineProperty(made, 'value', {get: () => now, set: (next) => { now = next; draw(); }});
    return made;
  }

  // Layers over the screen: BACK closes the topmost.
  const layers = [];
  function layer(kind, content, onclose) {
    const scrim = h('div', {class: `ui-scrim ${kind}`});
    const close = (result) => {
      if (!layers.includes(entry)) return;
      layers.splice(layers.indexOf(entry), 1);
      scrim.remove();
      onclose?.(result);
    };
    const entry = {close, scrim};
    scrim.addEventListener('click', (event) => { if (event.target === scrim) close(null); });
    scrim.append(content);
    document.body.append(scrim);
    layers.push(entry);
    focusFirst(content);
    return close;
  }

  const focusFirst = (root) => root.querySelector('[data-autofocus]')?.focus();

  // Ask: resolves to {button, values} of the tapped button; null when left. Fields as `field` takes them, with `name`; buttons are {label, value, kind, danger} or texts.
  function dialog({title, text, fields = [], content, buttons = ['OK'], check}) {
    return new Promise((answer) => {
      const made = fields.map((each) => ({name: each.name, element: each.type === 'checkbox' ? checkRow({...each, title: each.label, checked: each.value, onchange: (on) => { made.find((one) => one.name === each.name).on = on; }}) : field(each), on: each.value, kind: each.type}));
      const values = () => Object.fromEntries(made.map((each) => [each.name, each.kind === 'checkbox' ? Boolean(each.on) : each.element.value]));
      const row_ = h('div', {class: 'buttons'}, buttons.map((each, index) => {
        const one = typeof each === 'string' ? {label: each, value: each} : each;
        return button({...one, id: one.id ?? `button${index + 1}`, onclick: () => {
          const result = {button: one.value ?? one.label, values: values()};
          if (check && check(result, made) === false) return;
          close(result);
        }});
      }));
      const close = layer('', h('div', {class: 'ui-dialog', role: 'alertdialog'}, title && h('h2', {id: 'alertTitle'}, title),
        h('div', {class: 'content'}, text && h('div', {class: 'message', id: 'message'}, text), made.map((each) => each.element), typeof content === 'function' ? content((result) => close(result)) : content), buttons.length ? row_ : null), answer);
    });
  }

  // Whether the positive button was tapped.
  const confirm = async ({title, text, yes = 'OK', no = 'Cancel', danger}) => (await dialog({title, text, buttons: [{label: no, value: false}, {label: yes, value: true, danger}]}))?.button === true;
  const prompt = async ({title, label, value = '', yes = 'OK', no = 'Cancel', type, placeholder}) => {
    const result = await dialog({title, fields: [{name: 'text', label, value, type, placeholder, autofocus: true}], buttons: [{label: no, value: false}, {label: yes, value: true}]});
    return result?.button ? result.values.text : null;
  };

  // One of several: resolves to its value; null when left.
  const choose = async ({title, options, value}) => (await dialog({title, buttons: [{label: 'Cancel', value: null}], content: (close) => radios({options, value, onchange: (next) => close({button: {chosen: next}})})}))?.button?.chosen ?? null;

  // Items are {label, icon, onclick, disabled, id}; null is left out.
  function menu(anchor, items) {
    const list = h('div', {class: 'ui-menu', role: 'menu'}, items.filter(Boolean).map((item) => h('button', {role: 'menuitem', id: item.id ?? 'title', disabled: item.disabled, onclick: () => { close(); item.onclick(); }}, item.icon && asIcon(item.icon), item.label)));
    const close = layer('clear', list), box = anchor.nodeType ? anchor.getBoundingClientRect() : {left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y};
    const size = list.getBoundingClientRect();
    list.style.left = `${Math.max(8, Math.min(innerWidth - size.width - 8, box.left > innerWidth / 2 ? box.right - size.width : box.left))}px`;
    list.style.top = `${Math.max(8, Math.min(innerHeight - size.height - 8, box.top))}px`;
    return close;
  }

  // A sheet from below: {title, content} or {title, items} as of `menu`. Gives the function that closes it.
  function sheet({title, content, items = []}) {
    const body = h('div', {class: 'ui-sheet'}, title && h('h2', {}, title), content, items.filter(Boolean).map((item) => row({icon: item.icon, title: item.label, text: item.text, id: item.id, disabled: item.disabled, onclick: () => { close(); item.onclick(); }})));
    const close = layer('low', body);
    return close;
  }

  let snack = null;
  function snackbar(text, {action, onclick, ms = 4000} = {}) {
    snack?.remove();
    const made = h('div', {class: 'ui-snackbar', role: 'status'}, h('span', {id: 'snackbar_text'}, text), action && button({label: action, id: 'snackbar_action', onclick: () => { made.remove(); onclick?.(); }}));
    snack = made;
    (document.querySelector('.ui-screen:not([hidden])') ?? document.body).append(made);
    setTimeout(() => made.remove(), ms);
    return () => made.remove();
  }

  const MONTH = {month: 'long', year: 'numeric'};
  // Days as {year, month (1 to 12), day}: resolves to one, or null.
  function datePicker(given) {
    return new Promise((answer) => {
      const start = given ?? today();
      let shown = {year: start.year, month: start.month}, chosen = {...start};
      const body = h('div');
      const step = (months) => { const next = new Date(Date.UTC(shown.year, shown.month - 1 + months, 1)); shown = {year: next.getUTCFullYear(), month: next.getUTCMonth() + 1}; draw(); };
      function draw() {
        const first = new Date(Date.UTC(shown.year, shown.month - 1, 1)), count = new Date(Date.UTC(shown.year, shown.month, 0)).getUTCDate(), now = today();
        const same = (day, other) => other.year === shown.year && other.month === shown.month && other.day === day;
        body.replaceChildren(
          h('div', {class: 'ui-row'}, iconButton({icon: 'chevron-left', label: 'Previous month', id: 'prev', onclick: () => step(-1)}), h('div', {class: 'texts', style: 'text-align:center', id: 'month'}, new Intl.DateTimeFormat('en-US', {...MONTH, timeZone: 'UTC'}).format(first)), iconButton({icon: 'chevron-right', label: 'Next month', id: 'next', onclick: () => step(1)})),
          h('div', {class: 'ui-days'}, [...'SMTWTFS'].map((letter) => h('span', {class: 'name', 'aria-hidden': 'true'}, letter)), Array.from({length: first.getUTCDay()}, () => h('span')),
            Array.from({length: count}, (_, index) => {
              const day = index + 1, date = new Date(Date.UTC(shown.year, shown.month - 1, day));
              return h('button', {class: same(day, now) ? 'today' : '', 'aria-selected': String(same(day, chosen)), 'aria-label': new Intl.DateTimeFormat('en-GB', {day: '2-digit', month: 'long', year: 'numeric', timeZone: 'UTC'}).format(date), onclick: () => { chosen = {...shown, day}; draw(); }}, String(day));
            })));
      }
      draw();
      const close = layer('', h('div', {class: 'ui-dialog', role: 'dialog'}, h('div', {class: 'content'}, body), h('div', {class: 'buttons'}, button({label: 'Cancel', id: 'button2', onclick: () => close(null)}), button({label: 'OK', id: 'button1', onclick: () => close(chosen)}))), answer);
    });
  }

  function today() {
    const parts = Object.fromEntries(new Intl.DateTimeFormat('en-US', {timeZone: phone.zone(), year: 'numeric', month: 'numeric', day: 'numeric'}).formatToParts(phone.now()).map((part) => [part.type, Number(part.value)]));
    return {year: parts.year, month: parts.month, day: parts.day};
  }

  // Times as {hour (0 to 23), minute}: resolves to one, or null.
  function timePicker({hour = 12, minute = 0, title = 'Select time'} = {}) {
    return new Promise((answer) => {
      const half = !phone.hours24();
      let late = hour >= 12;
      const shown = half ? hour % 12 || 12 : hour, pad = (number) => String(number).padStart(2, '0');
      const part = (label, id, value, low, high) => {
        const input = h('input', {type: 'number', inputmode: 'numeric', 'aria-label': label, id, value: pad(value)});
        const turn = (by) => { const size = high - low + 1; input.value = pad(((Number(input.value) - low + by + size) % size) + low); };
        input.addEventListener('focus', () => input.select());
        return {input, low, high, element: h('div', {class: 'steps'}, iconButton({icon: 'chevron-up', label: `${label} up`, id: `${id}_up`, onclick: () => turn(1)}), input, iconButton({icon: 'chevron-down', label: `${label} down`, id: `${id}_down`, onclick: () => turn(-1)}))};
      };
      const hours = part('Hour', 'input_hour', shown, half ? 1 : 0, half ? 12 : 23), minutes = part('Minute', 'input_minute', minute, 0, 59);
      const halves = half ? h('div', {class: 'halves', role: 'radiogroup'}, ['AM', 'PM'].map((name) => h('button', {role: 'radio', 'aria-checked': String((name === 'PM') === late), id: `${name.toLowerCase()}_label`, onclick: () => { late = name === 'PM'; for (const each of halves.children) each.setAttribute('aria-checked', String(each.textContent === name)); }}, name))) : null;
      const done = () => {
        const read = ({input, low, high}) => Math.min(high, Math.max(low, Math.floor(Number(input.value)) || 0));
        const value = read(hours);
        close({hour: half ? (value % 12) + (late ? 12 : 0) : value, minute: read(minutes)});
      };
      const close = layer('', h('div', {class: 'ui-dialog', role: 'dialog'}, h('h2', {}, title), h('div', {class: 'content'}, h('div', {class: 'ui-time'}, hours.element, ':', minutes.element, halves)), h('div', {class: 'buttons'}, button({label: 'Cancel', id: 'button2', onclick: () => close(null)}), button({label: 'OK', id: 'button1', onclick: done}))), answer);
    });
  }

  // A whole screen: {title, subtitle, back, actions, menu, search, tabs, bottom, fab, body, plain}
  function screen({title, subtitle, back, actions = [], menu: items, search, tabs: top, bottom, fab, body, bar = true, id}) {
    const inner = h('div', {class: `ui-body${fab ? ' has-fab' : ''}`, id: id ?? 'content'}, body);
    const header = bar && h('div', {class: 'ui-bar'}, back && iconButton({icon: 'back', label: 'Navigate up', id: 'navigate_up', onclick: typeof back === 'function' ? back : () => screens.pop()}),
      search ? searchField(search === true ? {} : search) : h('div', {class: 'titles'}, h('h1', {id: 'title'}, title), subtitle && h('div', {class: 'subtitle', id: 'subtitle'}, subtitle)),
      actions.filter(Boolean).map(iconButton), items && iconButton({icon: 'more', label: 'More options', id: 'overflow', onclick: (event) => menu(event.currentTarget, typeof items === 'function' ? items() : items)}));
    if (header) inner.addEventListener('scroll', () => header.classList.toggle('scrolled', inner.scrollTop > 2), {passive: true});
    const made = h('div', {class: `ui-screen${bottom ? ' has-bottom' : ''}`}, header, top && (top.nodeType ? top : tabs(top)), inner, bottom && (bottom.nodeType ? bottom : bottomNav(bottom)),
      fab && h('button', {class: 'ui-fab', 'aria-label': fab.label, id: fab.id ?? 'fab', onclick: fab.onclick}, asIcon(fab.icon), fab.text));
    made.body = inner;
    made.bar = header;
    return made;
  }

  // The stack of screens. A screen is defined by a function (params) -> element (or a promise of one); BACK pops.
  const screens = (() => {
    const makers = new Map(), stack = []; // {name, params, element, answer}
    let turn = 0;
    const shown = () => stack[stack.length - 1];
    async function build(entry, keep) {
      const mine = ++turn, element = await makers.get(entry.name)(entry.params);
      if (mine !== turn && entry !== shown()) return;
      const old = entry.element, top = old?.querySelector('.ui-body')?.scrollTop ?? 0;
      if (old) old.replaceWith(element); else document.body.append(element);
      entry.element = element;
      for (const each of stack) if (each.element) each.element.hidden = each !== shown();
      if (keep && top) element.querySelector('.ui-body').scrollTop = top;
      if (!keep) focusFirst(element);
    }
    return {
      define: (name, maker) => makers.set(name, maker),
      // Resolves to what `pop` is given when the new screen goes.
      push(name, params = {}) {
        return new Promise((answer) => { const entry = {name, params, answer, element: null}; stack.push(entry); build(entry, false); });
      },
      async pop(result = null) {
        if (stack.length < 2) return false;
        const entry = stack.pop();
        document.activeElement?.blur?.();
        entry.element?.remove();
        await build(shown(), true);
        entry.answer(result);
        return true;
      },
      replace(name, params = {}) { const entry = stack.pop(); entry?.element?.remove(); entry?.answer(null); return screens.push(name, params); },
      // Show these screens and nothing else: [[name, params], ...]
      async reset(...list) {
        for (const entry of stack.splice(0)) { entry.element?.remove(); entry.answer(null); }
        for (const [name, params = {}] of list) stack.push({name, params, answer: () => {}, element: null});
        await build(shown(), false);
      },
      refresh: () => (stack.length ? build(shown(), true) : null),
      get depth() { return stack.length; },
      get current() { return shown() ? {name: shown().name, params: shown().params, element: shown().element} : null; },
    };
  })();

  // An app may set `ui.beforeBack = async () => boolean` to be asked first.
  phone.onBack(async () => {
    const top = layers[layers.length - 1];
    if (top) { top.close(null); return true; }
    if (made.beforeBack && await made.beforeBack()) return true;
    return screens.pop();
  });

  const made = {
    h, icon, onLong, iconButton, button, row, switch: switch_, switchRow, checkRow, checkbox, radios, field, searchField, avatar, section, divider, empty, chip, chips, tabs, bottomNav, slider, layer, dialog, confirm, prompt, choose, menu, sheet, snackbar,
    datePicker, timePicker, today, screen, screens, beforeBack: null,
  };
  return made;
})();
