'use strict';
// What apps with files and lists add to the kit: pages that stay as they were left, questions that check their answers, sharing.

// As `ui.h`, with `label` for the aria-label.
const h = (tag, {label, ...attributes} = {}, ...children) => ui.h(tag, {...attributes, 'aria-label': label}, ...children);
const fill = (element, ...children) => element.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
const iconButton = (sign, label, onclick, more = {}) => ui.iconButton({icon: sign, label, onclick, ...more});

// Pages, one over the other, each kept as it was left. A page is {node, activity?, shown?, opened?, closed?, back?}: `shown` runs whenever it
// comes to the front, `back` may take BACK for itself.
const pages = {
  stack: [],
  get top() { return this.stack.at(-1); },
  open(page) {
    this.stack.push(page);
    this.draw();
    page.opened?.();
  },
  close(page = this.top) {
    const place = this.stack.indexOf(page);
    if (place <= 0) return false;
    for (const gone of this.stack.splice(place)) {
      gone.closed?.();
      gone.node.remove();
    }
    this.draw();
    return true;
  },
  draw() {
    document.activeElement?.blur?.();
    for (const page of this.stack) {
      if (!page.node.isConnected) document.body.append(page.node);
      page.node.hidden = page !== this.top;
    }
    if (this.top.activity) phone.activity(this.top.activity);
    this.top.shown?.();
  },
  back() {
    // What lies over a page is the kit's, and so is BACK then.
    if (document.querySelector('.ui-scrim')) return false;
    return Boolean(pages.top?.back?.()) || pages.close();
  },
};

// Something over the page until it is answered: `build(answer)` gives the element; resolves to null when it was left.
function over(kind, build) {
  return new Promise((resolve) => {
    const close = ui.layer(kind, build((value) => close(value)), (value) => resolve(value ?? null));
  });
}

// A menu at an element; entries are texts, or {label, icon, disabled}. Resolves to the label, null when left.
function menu(anchor, entries) {
  return new Promise((resolve) => {
    const items = entries.filter(Boolean).map((entry) => (typeof entry === 'string' ? {label: entry} : entry));
    const close = ui.menu(anchor, items.map((item) => ({...item, onclick: () => resolve(item.label)})));
    const scrim = [...document.querySelectorAll('.ui-scrim')].at(-1);
    new MutationObserver((changes, watch) => { if (!scrim.isConnected) { watch.disconnect(); setTimeout(() => resolve(null), 0); } }).observe(document.body, {childList: true});
    return close;
  });
}

// Chips of which one is on; `value` is its text.
function chipGroup(options, value, onchange) {
  const group = h('div', {class: 'chip-group', role: 'radiogroup'});
  const draw = () => fill(group, options.map((option) => h('button', {class: 'ui-chip', role: 'radio', 'aria-checked': String(option === group.value), onclick: () => { group.value = option; draw(); onchange?.(option); }}, option)));
  group.value = value ?? options[0];
  draw();
  return group;
}

// A question with fields ({name, label, value, check, options, type}); resolves to their values, null when left. `check` gives a complaint or "".
// `extra` labels a third button; when it was the one, the answer's `extra` is true.
function ask({title, text = '', fields = [], ok = 'OK', extra = '', danger = false}) {
  return over('', (answer) => {
    const made = fields.map((field) => {
      if (field.options) return {field, input: chipGroup(field.options, field.value), node: null};
      const node = ui.field({label: field.label, value: field.value ?? '', type: field.type ?? 'text', id: field.name, autofocus: field === fields[0], capitals: field.capitals, action: 'done', onenter: () => submit(false), oninput: () => node.wrong('')});
      return {field, input: node.input, node};
    });
    const values = (more) => ({...Object.fromEntries(made.map(({field, input}) => [field.name, input.value])), extra: more});
    async function submit(more) {
      for (const {field, input, node} of made) {
        const wrong = await field.check?.(input.value, values(more));
        if (!wrong) continue;
        node.wrong(wrong);
        input.focus();
        return;
      }
      answer(values(more));
    }
    const first = made[0]?.node?.input;
    // The name is selected without its ending, so that typing replaces the name alone.
    if (first?.type === 'text') setTimeout(() => first.setSelectionRange(0, paths.split(first.value)[0].length), 0);
    return h('div', {class: 'ui-dialog', role: 'alertdialog'}, h('h2', {id: 'alertTitle'}, title),
      h('div', {class: 'content'}, text && h('div', {class: 'message', id: 'message'}, text), made.map(({field, input, node}) => node ?? h('div', {class: 'chip-field'}, h('span', {}, field.label), input))),
      h('div', {class: 'buttons'}, extra && ui.button({label: extra, id: 'button3', onclick: () => submit(true)}), extra && h('i', {class: 'space'}),
        ui.button({label: 'Cancel', id: 'button2', onclick: () => answer(null)}), ui.button({label: ok, id: 'button1', danger, onclick: () => submit(false)})));
  });
}

// The bar of a page.
function bar({title, text, back, actions = []}) {
  return h('header', {class: 'ui-bar'}, back && iconButton('back', 'Navigate up', back, {id: 'navigate_up'}), h('div', {class: 'titles'}, h('h1', {id: 'title'}, title), text && h('div', {class: 'subtitle', id: 'subtitle'}, text)), actions);
}

// The bar while things are chosen.
const chosenBar = (count, clear, actions) => h('header', {class: 'ui-bar chosen'}, iconButton('close', 'Clear selection', clear), h('div', {class: 'titles'}, h('h1', {id: 'title'}, `${count} selected`)), actions);

// A line for a file or folder. `chosen`: null while nothing is being chosen, else whether this is.
function fileRow({lead, title, text, chosen, onclick, onlong}) {
  const mark = h('span', {class: 'lead-box'}, h('span', {class: 'ui-check', 'aria-checked': String(Boolean(chosen))}, icon('check')));
  const made = ui.row({lead: chosen === null ? lead : mark, title, text, selected: Boolean(chosen), oneLine: true, onclick, onlong});
  if (chosen !== null) made.setAttribute('aria-selected', String(chosen));
  return made;
}

const leadBox = (sign, kind = '') => h('span', {class: `lead-box ${kind}`}, icon(sign));

const nothing = (sign, title, text = '') => h('div', {class: 'ui-empty'}, icon(sign), h('b', {}, title), text && h('div', {}, text));

// Facts in a dialog: pairs of name and value.
const showFacts = (title, facts) => ui.dialog({title, content: h('dl', {class: 'facts'}, facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))), buttons: ['Close']});

const timeText = (seconds) => phone.format(new Date(seconds * 1000), {day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: phone.hours24() ? 'h23' : 'h12'});

// Hand text or a file to another app, or to the clipboard: {text, title} or {path}.
async function share({text = '', title = '', path = ''}) {
  const kind = path ? paths.type(path) : 'text/plain', seen = /^(image|video)\//.test(kind), written = !path || kind.startsWith('text/');
  const send = async (target) => phone.start({package: target, action: 'android.intent.action.SEND', extras: {'android.intent.extra.TEXT': written && path ? await phone.files.text(path) : text, 'android.intent.extra.SUBJECT': title || paths.nameOf(path), ...(path && {'android.intent.extra.STREAM': paths.uri(path)}), mime: kind}});
  const view = (target) => phone.start({package: target, action: 'android.intent.action.VIEW', data: paths.uri(path)});
  ui.sheet({title: 'Share', items: [
    {label: 'Copy to clipboard', icon: 'copy', onclick: async () => { phone.clipboard.set(written && path ? await phone.files.text(path) : text || path); phone.toast('Copied to clipboard'); }},
    written && {label: 'Messages', icon: 'message', onclick: () => send('com.simplemobiletools.smsmessenger')},
    written && {label: 'Notes', icon: 'note', onclick: () => send('net.gsantner.markor')},
    seen && {label: 'Gallery', icon: 'image', onclick: () => view('com.simplemobiletools.gallery.pro')},
    kind === 'text/html' && {label: 'Browser', icon: 'globe', onclick: () => view('com.android.chrome')},
  ]});
}

// What an app remembers of its own: values that are kept in a file of its folder.
function memory(first) {
  const file = `/data/data/${phone.package}/files/settings.json`, kept = {...first};
  return {
    kept,
    async load() {
      const text = (await phone.files.exists(file)) ? await phone.files.text(file) : '{}';
      try { Object.assign(kept, JSON.parse(text)); } catch { Object.assign(kept, first); }
    },
    async set(values) {
      Object.assign(kept, values);
      await phone.files.mkdir(paths.folderOf(file));
      await phone.files.write(file, JSON.stringify(kept));
    },
  };
}
