"use strict";
// Small builders and the icons of the browser's own surface.
const SIGNS = {
  home: '<path d="M4 11l8-7 8 7v9h-6v-6h-4v6H4z"/>',
  more: '<path d="M12 5.5v.01M12 12v.01M12 18.5v.01" stroke-width="3.5"/>',
  back: '<path d="M20 12H5M11 6l-6 6 6 6"/>',
  forward: '<path d="M4 12h15M13 6l6 6-6 6"/>',
  star: '<path d="M12 4l2.5 5.3 5.8.7-4.3 4 1.1 5.7L12 16.9l-5.1 2.8L8 14 3.7 10l5.8-.7z"/>',
  reload: '<path d="M19 12a7 7 0 1 1-2.2-5.1M19 4v5h-5"/>',
  close: '<path d="M6 6l12 12M18 6L6 18"/>',
  up: '<path d="M6 15l6-6 6 6"/>',
  down: '<path d="M6 9l6 6 6-6"/>',
  lock: '<path d="M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>',
  info: '<circle cx="12" cy="12" r="8"/><path d="M12 11v5M12 8v.01"/>',
  search: '<circle cx="11" cy="11" r="6"/><path d="M15.5 15.5L20 20"/>',
  clock: '<circle cx="12" cy="12" r="8"/><path d="M12 7.5V12l3 2"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  bin: '<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"/>',
  globe: '<circle cx="12" cy="12" r="8"/><path d="M4 12h16M12 4q5 8 0 16M12 4q-5 8 0 16"/>',
};
const sign = (name) => `<svg viewBox="0 0 24 24" aria-hidden="true">${SIGNS[name]}</svg>`;
const at = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (name === "html") element.innerHTML = value;
    else if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(Boolean));
  return element;
}

// A letter on a coloured disc stands for a site's icon.
function badge(url) {
  const name = siteOf(url).replace(/^www\./, "") || "?";
  let hue = 0;
  for (const letter of name) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  const disc = make("span", { class: "badge", text: [...name][0].toUpperCase(), "aria-hidden": "true" });
  disc.style.background = `hsl(${hue} 45% 42%)`;
  return disc;
}

function siteOf(url) {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "file:" ? "file" : parsed.host;
  } catch {
    return url;
  }
}

// What the address bar shows while nobody types in it.
function shortAddress(url) {
  let text = url.replace(/^https?:\/\//, "").replace(/^([^/?#]+)\/$/, "$1");
  try {
    text = decodeURI(text);
  } catch {
    return text;
  }
  return text;
}

// The address that typed text means: an address of its own, or a search.
function addressFor(typed) {
  const text = typed.trim();
  if (/^(https?|file):\/\/\S+$/i.test(text)) return text;
  if (/^(chrome|about):/i.test(text)) return "";
  const host = /^(localhost|\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\]|[\p{L}\d-]+(\.[\p{L}\d-]+)+)(:\d{1,5})?([/?#]\S*)?$/iu.exec(text);
  if (!host || (/^[\d.]+$/.test(text) && !/^\d+(\.\d+){3}$/.test(text))) return `http://search.example/?q=${encodeURIComponent(text)}`;
  const plain = host[3] || /^(localhost|[\d.]+|\[)/i.test(host[1]) || /\.(example|test|local|internal|localhost)$/i.test(host[1]);
  return `${plain ? "http" : "https"}://${text}`;
}
