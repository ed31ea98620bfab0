"use strict";
// Pieces that apps with pages and lists are built of: elements, icons, a stack of pages that BACK closes, rows, menus, questions.
const ICONS = {
  back: '<path d="M20 12H5M11 6l-6 6 6 6"/>', close: '<path d="M6 6l12 12M18 6L6 18"/>', more: '<path d="M12 5.5v.01M12 12v.01M12 18.5v.01" stroke-width="3.5"/>',
  search: '<circle cx="11" cy="11" r="6"/><path d="M15.5 15.5L20 20"/>', plus: '<path d="M12 5v14M5 12h14"/>', minus: '<path d="M5 12h14"/>',
  check: '<path d="M5 12.5l4.5 4.5L19 7"/>', bin: '<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5"/>',
  share: '<circle cx="18" cy="5" r="2.5"/><circle cx="6" cy="12" r="2.5"/><circle cx="18" cy="19" r="2.5"/><path d="M8.3 10.8l7.5-4.5M8.3 13.2l7.5 4.5"/>',
  folder: '<path d="M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>', file: '<path d="M6 3h8l4 4.5V21H6zM14 3v5h4"/>',
  note: '<path d="M6 3h12v18H6zM9 8h6M9 12h6M9 16h3"/>', picture: '<path d="M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4"/><circle cx="15.5" cy="9" r="1.2"/>',
  film: '<path d="M4 5h16v14H4zM10 9l5 3-5 3z"/>', sound: '<path d="M9 18V6l10-2v12"/><circle cx="6.5" cy="18" r="2.5"/><circle cx="16.5" cy="16" r="2.5"/>',
  pdf: '<path d="M6 3h8l4 4.5V21H6zM14 3v5h4M9 17v-4h1.5a1.2 1.2 0 0 1 0 2.5H9M14 13v4"/>', archive: '<path d="M4 8h16v12H4zM3 4h18v4H3zM10 12h4"/>',
  globe: '<circle cx="12" cy="12" r="8"/><path d="M4 12h16M12 4q5 8 0 16M12 4q-5 8 0 16"/>', pen: '<path d="M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"/>',
  eye: '<path d="M2.5 12Q12 1.5 21.5 12 12 22.5 2.5 12z"/><circle cx="12" cy="12" r="3"/>', sort: '<path d="M4 7h16M4 12h11M4 17h6"/>',
  star: '<path d="M12 4l2.5 5.3 5.8.7-4.3 4 1.1 5.7L12 16.9l-5.1 2.8L8 14 3.7 10l5.8-.7z"/>',
  heart: '<path d="M12 20Q3 13.5 3 8.5A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 9 1.5Q21 13.5 12 20z"/>', info: '<circle cx="12" cy="12" r="8"/><path d="M12 11v5M12 8v.01"/>',
  turn: '<path d="M19 12a7 7 0 1 1-2.2-5.1M19 4v5h-5"/>', copy: '<path d="M9 8h11v12H9zM6 16H4V4h11v2"/>', move: '<path d="M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM8 13h7M12.5 10l3 3-3 3"/>',
  all: '<path d="M4 4h16v16H4zM8 12.5l3 3 5.5-6.5"/>', cart: '<path d="M3 4h3l2.5 11h9.5l2-8H7"/><circle cx="10" cy="19" r="1.5"/><circle cx="17" cy="19" r="1.5"/>',
  home: '<path d="M4 11l8-7 8 7v9h-6v-6h-4v6H4z"/>', box: '<path d="M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9"/>', filter: '<path d="M4 5h16l-6 8v6l-4-2v-4z"/>',
  next: '<path d="M9 5l7 7-7 7"/>', undo: '<path d="M8 5L4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3"/>', redo: '<path d="M16 5l4 4-4 4M20 9H10a6 6 0 0 0 0 12h3"/>',
  phone: '<rect x="7" y="3" width="10" height="18" rx="2"/><path d="M11 18h2"/>', down: '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>', drop: '<path d="M6 9l6 6 6-6"/>',
  camera: '<path d="M4 7h4l2-2.5h4L16 7h4v12H4z"/><circle cx="12" cy="13" r="3.5"/>', save: '<path d="M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6"/>',
};

// An element. `label` is its aria-label, `id` its resource id, `on...` a listener; children that are null or false are left out.
function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "label") element.setAttribute("aria-label", value);
    else if (name === "id") element.dataset.id = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function icon(name, kind = "") {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", `icon ${kind}`);
  drawing.setAttribute("aria-hidden", "true");
  drawing.innerHTML = ICONS[name];
  return drawing;
}

const fill = (element, ...children) => element.replaceChildren(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));

const iconButton = (name, label, onclick, more = {}) => h("button", { class: "icon-button", label, onclick, ...more }, icon(name, more.kind ?? ""));

// Pages, one over the other. A page is {node, back?, shown?, activity?}: `back` may take BACK for itself, `shown` draws it anew.
const pages = {
  stack: [],
  overlays: [],
  get top() {
    return this.stack.at(-1);
  },
  open(page) {
    this.stack.push(page);
    this.draw();
    page.opened?.();
  },
  close(page = this.top) {
    const place = this.stack.indexOf(page);
    if (place <= 0) return false;
    this.stack.splice(place);
    page.closed?.();
    this.draw();
    return true;
  },
  draw() {
    document.body.replaceChildren(...this.stack.map((page) => page.node), ...this.overlays.map((overlay) => overlay.node));
    for (const page of this.stack) page.node.hidden = page !== this.top;
    if (this.top?.activity) void phone.activity(this.top.activity);
    this.top?.shown?.();
  },
  back() {
    if (pages.overlays.length) pages.overlays.at(-1).cancel();
    else if (!pages.top?.back?.() && !pages.close()) return false;
    return true;
  },
};

// What lies over the page until it is answered. `build(answer)` gives its element; resolves to the answer, null when it was dismissed.
function overlay(kind, build) {
  return new Promise((resolve) => {
    const answer = (value) => {
      const place = pages.overlays.findIndex((entry) => entry.node === node);
      if (place < 0) return;
      pages.overlays.splice(place, 1);
      node.remove();
      resolve(value);
    };
    const node = h("div", { class: `shade ${kind}` }, build(answer));
    node.addEventListener("click", (event) => { if (event.target === node) answer(null); });
    pages.overlays.push({ node, cancel: () => answer(null) });
    document.body.append(node);
    node.querySelector("[autofocus]")?.focus();
  });
}

// A menu at the top right; entries are texts, or {text, on, disabled}.
function menu(entries) {
  return overlay("at-corner", (answer) => h("div", { class: "menu", role: "menu" }, entries.filter(Boolean).map((entry) => {
    const { text, on, disabled } = typeof entry === "string" ? { text: entry } : entry;
    return h("button", { class: "menu-entry", role: "menuitem", disabled, onclick: () => answer(text) }, h("span", {}, text), on ? icon("check") : null);
  })));
}

// One of several, as a list with round marks.
function choose(title, options, current) {
  return overlay("at-centre", (answer) => h("div", { class: "dialog", role: "dialog", label: title }, h("h2", {}, title),
    h("div", { class: "dialog-list", role: "radiogroup" }, options.map((option) => h("button", { class: "choice", role: "radio", "aria-checked": String(option === current), onclick: () => answer(option) }, h("i", { class: "dot" }), h("span", {}, option)))),
    h("div", { class: "dialog-buttons" }, h("button", { class: "text-button", onclick: () => answer(null) }, "Cancel"))));
}

// A group of chips of which one is on; its `value` is that one's text.
function chipField(options, value) {
  const group = h("div", { class: "chip-field", role: "radiogroup" });
  const draw = () => fill(group, options.map((option) => h("button", { class: option === group.chosen ? "chip on" : "chip", type: "button", role: "radio", "aria-checked": String(option === group.chosen), onclick: () => { group.chosen = option; draw(); group.dispatchEvent(new Event("input")); } }, option)));
  group.chosen = value ?? options[0];
  Object.defineProperty(group, "value", { get: () => group.chosen });
  draw();
  return group;
}

// A question with buttons; with `fields` ({name, label, value, check, options, type}) it resolves to their values, else to true.
// `extra` is a third button; pressed, the answer's `extra` is true.
function ask({ title, text = "", fields = [], ok = "OK", cancel = "Cancel", extra = "", danger = false }) {
  return overlay("at-centre", (answer) => {
    const inputs = fields.map((field) => {
      const input = field.options ? chipField(field.options, field.value)
        : h("input", { id: field.name, type: field.type ?? "text", inputmode: field.inputmode, autocomplete: "off", spellcheck: "false", autofocus: field === fields[0], value: field.value ?? "" });
      input.setAttribute("aria-label", field.label);
      const complaint = h("p", { class: "complaint", hidden: true });
      input.addEventListener("input", () => { complaint.hidden = true; });
      return { field, input, complaint, node: h(field.options ? "div" : "label", { class: "field" }, h("span", {}, field.label), input, complaint) };
    });
    const values = (more) => Object.fromEntries([...inputs.map(({ field, input }) => [field.name, input.value]), ["extra", more]]);
    const submit = async (more) => {
      for (const { field, input, complaint } of inputs) {
        const wrong = await field.check?.(input.value, values(more));
        if (!wrong) continue;
        complaint.textContent = wrong;
        complaint.hidden = false;
        input.focus();
        return;
      }
      answer(fields.length ? values(more) : true);
    };
    const button = (label, onclick, kind = "text-button") => h("button", { class: kind, type: "button", onclick }, label);
    const node = h("div", { class: "dialog", role: "dialog", label: title }, h("h2", {}, title), text ? h("p", { class: "dialog-text" }, text) : null, inputs.map((entry) => entry.node),
      h("div", { class: "dialog-buttons" }, extra ? button(extra, () => submit(true)) : null, extra ? h("i", { class: "space" }) : null,
        cancel ? button(cancel, () => answer(null)) : null, button(ok, () => submit(false), danger ? "text-button danger" : "text-button")));
    node.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.tagName === "INPUT") void submit(false); });
    const first = inputs[0]?.input;
    // The name is selected without its ending, so that typing replaces the name alone.
    if (first?.type === "text") setTimeout(() => first.setSelectionRange(0, paths.split(first.value)[0].length), 0);
    return node;
  });
}

// The bar at the top of a page.
function bar({ title, text, back, close, actions = [] }) {
  return h("header", { class: "bar" }, back ? iconButton("back", "Back", back) : close ? iconButton("close", "Close", close) : null,
    h("div", { class: "bar-text" }, h("h1", {}, title), text ? h("small", {}, text) : null), actions);
}

// A tap, or a press of half a second: the tap that would end it is swallowed.
function pressable(node, onclick, onhold) {
  let timer = 0;
  let held = false;
  let start = null;
  const stop = () => clearTimeout(timer);
  node.addEventListener("pointerdown", (event) => {
    held = false;
    start = [event.clientX, event.clientY];
    stop();
    timer = setTimeout(() => { held = true; onhold?.(); }, 450);
  });
  node.addEventListener("pointermove", (event) => { if (start && Math.hypot(event.clientX - start[0], event.clientY - start[1]) > 10) stop(); });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) node.addEventListener(name, stop);
  node.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    stop();
    if (!held) onhold?.();
    held = true;
  });
  node.addEventListener("click", () => { if (!held) onclick(); held = false; });
  return node;
}

function row({ lead, title, text, trail, chosen = null, onclick, onhold, id }) {
  const button = h("button", { class: chosen ? "row chosen" : "row", id, "aria-selected": chosen === null ? null : String(chosen) }, chosen === null ? lead : h("span", { class: chosen ? "mark on" : "mark" }, chosen ? icon("check") : null),
    h("span", { class: "row-text" }, h("b", {}, title), text ? h("small", {}, text) : null));
  pressable(button, onclick, onhold);
  return trail ? h("div", { class: "row-with" }, button, trail) : button;
}

const empty = (sign, title, text = "") => h("div", { class: "empty" }, icon(sign), h("b", {}, title), text ? h("p", {}, text) : null);

const timeText = (seconds) => phone.format(new Date(seconds * 1000), { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

// Hand text or a file to another app, or to the clipboard: {text, title} or {path}.
async function share({ text = "", title = "", path = "" }) {
  const kind = path ? paths.type(path) : "text/plain";
  const written = !path || kind.startsWith("text/");
  const targets = [
    ["Messages", "com.simplemobiletools.smsmessenger", written], ["Notes", "net.gsantner.markor", written],
    ["Browser", "com.android.chrome", kind === "text/html"], ["Gallery", "com.simplemobiletools.gallery.pro", /^(image|video)/.test(kind)],
  ].filter(([, , fits]) => fits);
  const picked = await overlay("at-bottom", (answer) => h("div", { class: "sheet", role: "dialog", label: "Share" }, h("h2", {}, "Share"),
    h("button", { class: "row", onclick: () => answer("copy") }, h("span", { class: "lead" }, icon("copy")), h("span", { class: "row-text" }, h("b", {}, "Copy to clipboard"))),
    targets.map(([name, target]) => h("button", { class: "row", onclick: () => answer(target) }, h("span", { class: "lead" }, icon("share")), h("span", { class: "row-text" }, h("b", {}, name))))));
  if (!picked) return;
  const whole = written && path ? await phone.files.text(path) : text;
  if (picked === "copy") {
    phone.clipboard.set(whole || path);
    phone.toast("Copied to clipboard");
  } else if (/^(image|video)/.test(kind) || kind === "text/html") {
    await phone.start({ package: picked, action: "android.intent.action.VIEW", data: paths.uri(path) });
  } else {
    await phone.start({ package: picked, action: "android.intent.action.SEND", extras: { "android.intent.extra.TEXT": whole, "android.intent.extra.SUBJECT": title || paths.nameOf(path), mime: "text/plain" } });
  }
}

// What an app remembers of its own: an object that is kept in a file of its folder.
function memory(first) {
  const file = `/data/data/${phone.package}/files/settings.json`;
  const kept = { ...first };
  return {
    kept,
    async load() {
      try {
        Object.assign(kept, JSON.parse(await phone.files.text(file)));
      } catch {
        Object.assign(kept, first);
      }
      return kept;
    },
    async set(values) {
      Object.assign(kept, values);
      await phone.files.mkdir(paths.folderOf(file));
      await phone.files.write(file, JSON.stringify(kept));
    },
  };
}
