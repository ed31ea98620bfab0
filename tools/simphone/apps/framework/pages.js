// Pages that keep their state while others lie over them, and short forms of the kit's questions.
// A page is {node, refresh(), back(), opened(), activity}; all but the node may be left out. `back` gives true when it dealt with BACK.
"use strict";

// The kit's element, with `label` for what is said of it.
function h(tag, attributes = {}, ...children) {
  const { label, ...rest } = attributes;
  if (label !== undefined) rest["aria-label"] = label;
  return ui.h(tag, rest, ...children);
}

function fill(node, ...children) {
  node.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
}

const pages = (() => {
  const stack = [];

  function top() {
    return stack.at(-1);
  }

  async function show() {
    for (const page of stack) page.node.hidden = page !== top();
    const page = top();
    if (page.activity) phone.activity(page.activity);
    if (page.refresh) await page.refresh();
  }

  async function push(page) {
    document.activeElement?.blur();
    stack.push(page);
    document.body.append(page.node);
    await show();
    if (page.opened && page === top()) page.opened();
  }

  // Take a page away wherever it lies; the one below is brought up to date.
  async function remove(node) {
    const index = stack.findIndex((page) => page.node === node);
    if (index < 0) return;
    document.activeElement?.blur();
    stack.splice(index, 1)[0].node.remove();
    if (stack.length) await show();
    else await phone.finish();
  }

  async function pop() {
    if (stack.length < 2) return false;
    await remove(top().node);
    return true;
  }

  async function replace(page) {
    stack.pop()?.node.remove();
    await push(page);
  }

  // These pages and no others.
  async function reset(...wanted) {
    for (const page of stack.splice(0)) if (!wanted.includes(page)) page.node.remove();
    for (const page of wanted.slice(0, -1)) {
      stack.push(page);
      document.body.append(page.node);
    }
    await push(wanted.at(-1));
  }

  async function refresh() {
    if (stack.length && top().refresh) await top().refresh();
  }

  ui.beforeBack = async () => {
    const page = top();
    if (page && page.back && (await page.back())) return true;
    return pop();
  };

  return { push, pop, remove, replace, reset, refresh, top, get depth() { return stack.length; }, root: () => stack[0] };
})();

// `run` at once, or as soon as no finger is down: what is drawn anew under a finger would lose its click.
const untouched = (() => {
  const AFTER_MS = 60;
  let down = false, waiting = [];
  const lift = () => setTimeout(() => {
    down = false;
    for (const run of waiting.splice(0)) run();
  }, AFTER_MS);
  addEventListener("touchstart", () => { down = true; }, { capture: true, passive: true });
  for (const end of ["touchend", "touchcancel"]) addEventListener(end, lift, { capture: true, passive: true });
  return (run) => (down ? waiting.push(run) : run());
})();

// `run` soon after one of these files was written, by whomever; many writes at once run it once.
function onFiles(paths, run) {
  let planned = false;
  return phone.on("files", (path) => {
    if (planned || !paths.includes(path)) return;
    planned = true;
    setTimeout(() => untouched(() => { planned = false; run(); }), 0);
  });
}

const inFront = () => phone.device.front()?.package === phone.package;

// `run` whenever the app comes to the front again.
function onFront(run) {
  let was = inFront();
  return phone.on("tasks", () => {
    const now = inFront();
    if (now && !was) run();
    was = now;
  });
}

// Take the app's own notifications with these titles away.
async function dismissTitled(...titles) {
  const seen = phone.device.mirror.notifications.filter((note) => note.package === phone.package && titles.includes(note.title));
  for (const note of seen) await phone.dismiss(note.id);
}

const menu = (anchor, texts) => new Promise((answer) => ui.menu(anchor, texts.map((label) => ({ label, onclick: () => answer(label) }))));
const sheet = (title, texts) => new Promise((answer) => ui.sheet({ title, items: texts.map((label) => ({ label, onclick: () => answer(label) })) }));
const choose = (title, options, value) => ui.choose({ title, options, value });
const confirm = (title, text, yes) => ui.confirm({ title, text, yes, danger: true });
const toggleSwitch = (checked, label, onchange) => ui.switch({ checked, label, onchange });
const askLabel = (title, value) => ui.prompt({ title, label: title, value });

async function chooseMany(title, options, values) {
  const picked = new Set(values);
  const rows = options.map((option) => ui.checkRow({ title: option, checked: picked.has(option), onchange: (on) => (on ? picked.add(option) : picked.delete(option)) }));
  const answer = await ui.dialog({ title, content: h("div", {}, rows), buttons: [{ label: "Cancel", value: false }, { label: "OK", value: true }] });
  return answer && answer.button ? options.filter((option) => picked.has(option)) : null;
}

// A whole number from `low` to `high`; null when left or no number.
async function askNumber(title, value, low, high) {
  const text = await ui.prompt({ title, label: title, value: String(value), type: "number" });
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? null : Math.min(high, Math.max(low, number));
}

function emptyNote(sign, title, text) {
  return h("div", { class: "ui-empty" }, icon(sign), h("div", { class: "empty-title" }, title), text ? h("div", {}, text) : null);
}

function backButton(onclick = () => ui.beforeBack()) {
  return ui.iconButton({ icon: "back", label: "Navigate up", onclick });
}
