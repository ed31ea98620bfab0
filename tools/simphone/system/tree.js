'use strict';
// What is visible, as uiautomator would tell it: nodes with class, text, description, bounds and states, of the shell and of the app in front.
const tree = (() => {
  const CLASSES = {BUTTON: 'Button', A: 'TextView', TEXTAREA: 'EditText', IMG: 'ImageView', CANVAS: 'View', VIDEO: 'VideoView', SELECT: 'Spinner', PROGRESS: 'ProgressBar'};
  const ROLES = {switch: 'Switch', checkbox: 'CheckBox', radio: 'RadioButton', slider: 'SeekBar', progressbar: 'ProgressBar', img: 'ImageView', button: 'Button'};
  const INPUTS = {checkbox: 'CheckBox', radio: 'RadioButton', range: 'SeekBar', button: 'Button', submit: 'Button'};
  const CLICKABLE = 'button, a[href], input, textarea, select, summary, [onclick], [data-click], [role=button], [role=switch], [role=checkbox], [role=radio], [role=tab], [role=menuitem], [role=option], [role=link]';
  const SPACE = /[ \t\n\r\f]+/g;

  const meet = (a, b) => ({left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom)});
  const empty = (box) => box.right - box.left < 1 || box.bottom - box.top < 1;

  function ownText(element) {
    let text = '';
    for (const child of element.childNodes) if (child.nodeType === 3) text += child.data;
    const pre = text.trim() && element.ownerDocument.defaultView.getComputedStyle(element).whiteSpace.startsWith('pre');
    return pre ? text : text.replace(SPACE, ' ').trim();
  }

  function kindOf(element, role, children) {
    if (element.tagName === 'INPUT') return INPUTS[element.type] ?? 'EditText';
    if (element.isContentEditable) return 'EditText';
    if (ROLES[role] && !(role === 'checkbox' && children) && !(role === 'radio' && children)) return ROLES[role];
    if (element.tagName === 'BUTTON' || role === 'tab' || role === 'menuitem') {
      if (children) return 'LinearLayout';
      return element.querySelector('svg, img') && !ownText(element) ? 'ImageButton' : 'Button';
    }
    return CLASSES[element.tagName] ?? '';
  }

  // Whether something else lies over the element wherever one looks.
  function covered(element, box) {
    const page = element.ownerDocument, middle = (box.top + box.bottom) / 2;
    const offset = element.offsetFrame ?? {x: 0, y: 0};
    for (const part of [0.5, 0.2, 0.8]) {
      const hit = page.elementFromPoint(box.left + (box.right - box.left) * part - offset.x, middle - offset.y);
      if (!hit || hit === element || element.contains(hit) || hit.contains(element)) return false;
      if (page.defaultView.getComputedStyle(element).pointerEvents === 'none') return false;
    }
    return true;
  }

  function walk(element, clip, at, owner, out) {
    if (element.nodeType !== 1 || element.hidden || element.dataset?.skip !== undefined || element.getAttribute('aria-hidden') === 'true') return;
    const view = element.ownerDocument.defaultView, style = view.getComputedStyle(element);
    if (style.display === 'none') return;
    const name = element.dataset.package ?? owner;
    if (element.tagName === 'IFRAME') {
      if (style.visibility === 'hidden') return;
      enter(element, clip, at, name, out);
      return;
    }
    if (element.tagName === 'SVG' || element.tagName === 'svg' || element.tagName === 'SCRIPT' || element.tagName === 'STYLE') return;
    const plain = element.getBoundingClientRect();
    const whole = {left: plain.left + at.x, top: plain.top + at.y, right: plain.right + at.x, bottom: plain.bottom + at.y};
    const box = meet(whole, clip);
    const inner = style.overflowX !== 'visible' || style.overflowY !== 'visible' ? box : clip;
    if (style.display !== 'contents' && empty(box) && inner === box) return;
    const children = [];
    const inside = element.tagName === 'SELECT' ? [] : element.children;
    const scrims = [...inside].filter((child) => child.classList?.contains('ui-scrim'));
    for (const child of scrims.length ? scrims.slice(-1) : inside) walk(child, inner, at, name, children);
    const node = style.visibility === 'hidden' || empty(box) || Number(style.opacity) === 0 ? null : describe(element, style, box, at, name, children);
    if (node) out.push(node); else out.push(...children);
  }

  function describe(element, style, box, at, name, children) {
    const role = element.getAttribute('role'), label = element.getAttribute('aria-label');
    const clickable = element.matches(CLICKABLE) && !element.disabled;
    const field = device.isField(element) || element.tagName === 'TEXTAREA';
    const scrollable = (/(auto|scroll)/.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1) || (/(auto|scroll)/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1);
    const id = element.dataset.id ?? '';
    let text = ownText(element);
    if (element.tagName === 'INPUT' || element.tagName === 'TEXTAREA') text = INPUTS[element.type] ? '' : element.type === 'password' ? '\u2022'.repeat([...element.value].length) : element.value;
    if (element.tagName === 'SELECT') text = element.selectedOptions[0]?.text ?? '';
    const described = label ?? (element.tagName === 'IMG' ? element.alt : '') ?? '';
    const kind = kindOf(element, role, children.length);
    if (!text && !described && !clickable && !id && !scrollable && !ROLES[role] && !field) return null;
    element.offsetFrame = at;
    const hidden = covered(element, box);
    delete element.offsetFrame;
    if (hidden && (clickable || text || described)) return null;
    const checks = element.getAttribute('aria-checked') ?? element.getAttribute('aria-pressed') ?? (['checkbox', 'radio'].includes(element.type) ? String(element.checked) : null);
    const focus = element.ownerDocument.activeElement === element;
    return {
      class: kind || (scrollable ? (/(auto|scroll)/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1 ? 'HorizontalScrollView' : 'ScrollView') : text ? 'TextView' : children.length ? 'FrameLayout' : 'View'),
      text, hint: field ? element.placeholder ?? '' : '', description: field && !described ? '' : described, id, package: name, clickable, checkable: checks !== null, checked: checks === 'true',
      enabled: !element.disabled && element.getAttribute('aria-disabled') !== 'true', focusable: clickable || field || element.tabIndex >= 0, focused: focus && element !== element.ownerDocument.body, scrollable,
      long: 'long' in element.dataset || field, password: element.type === 'password', selected: element.getAttribute('aria-selected') === 'true',
      bounds: [box.left, box.top, box.right, box.bottom], children,
    };
  }

  function enter(element, clip, at, name, out) {
    let page;
    try { page = element.contentDocument; } catch { page = null; }
    const plain = element.getBoundingClientRect();
    const box = meet({left: plain.left + at.x, top: plain.top + at.y, right: plain.right + at.x, bottom: plain.bottom + at.y}, clip);
    if (empty(box)) return;
    const owner = device.frames.get(Number(element.dataset.task))?.package ?? name, children = [];
    const zoom = plain.width / element.offsetWidth || 1;
    if (page?.body && zoom === 1) walk(page.body, box, {x: plain.left + at.x + element.clientLeft, y: plain.top + at.y + element.clientTop}, owner, children);
    out.push({class: page?.body ? 'FrameLayout' : 'WebView', text: '', hint: '', description: page?.body ? '' : element.title, id: element.dataset.task ? 'content' : element.dataset.id ?? '', package: element.dataset.task ? 'android' : owner, clickable: false, checkable: false, checked: false, enabled: true, focusable: false, focused: false,
      scrollable: false, long: false, password: false, selected: false, bounds: [box.left, box.top, box.right, box.bottom], children, owner});
  }

  const part = (name) => document.getElementById(name);
  const shown = (element) => !element.hidden && element.childElementCount > 0;

  // The windows that can be seen, from the lowest: what lies under a window that takes all touches is left out.
  function read() {
    const clip = {left: 0, top: 0, right: innerWidth, bottom: innerHeight}, out = [];
    const windows = [];
    if (!device.mirror.awake) return out;
    if (shown(part('dialogs'))) windows.push('dialogs');
    else if (shown(part('shade'))) windows.push('shade');
    else if (device.keyguard()) windows.push('statusbar', 'lock');
    else {
      windows.push('statusbar');
      if (shown(part('recents'))) windows.push('recents');
      else if (shown(part('drawer'))) windows.push('drawer');
      else windows.push(device.front() ? 'apps' : 'home');
      windows.push('keyboard', 'volume', 'textbar');
    }
    windows.push('toasts');
    if (!device.keyguard()) windows.push('navbar');
    for (const name of windows) {
      const element = part(name);
      if (element && shown(element)) walk(element, clip, {x: 0, y: 0}, element.dataset.package ?? 'android', out);
    }
    return out;
  }

  return {read};
})();
