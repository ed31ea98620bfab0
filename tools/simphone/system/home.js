'use strict';
// The home screen: a page of icons, the dock, a search field; and the drawer with every app.
const home = (() => {
  const root = document.getElementById('home');

  function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  }

  function iconOf(entry) {
    if (entry.icon) return el('img', {class: 'app-icon', src: entry.icon, alt: '', 'data-skip': true});
    const made = el('div', {class: 'app-icon letter', 'data-skip': true}, (entry.label || '?')[0].toUpperCase());
    return made;
  }

  function launch(entry) { device.call('com.google.android.apps.nexuslauncher', 'start', {package: entry.package}); }

  function button(entry) {
    return el('button', {class: 'app', 'aria-label': entry.label, 'data-id': 'icon', 'data-app': entry.package, 'data-long': true, onclick: () => { tell('launch'); launch(entry); }},
      iconOf(entry), el('span', {'data-id': 'label'}, entry.label));
  }

  const tell = (kind) => device.tell(kind);
  const openable = () => device.mirror.packages.filter((entry) => entry.home && entry.enabled && entry.folder)
    .sort((a, b) => a.order - b.order || a.label.localeCompare(b.label));

  function draw() {
    const all = openable(), dock = all.filter((entry) => entry.dock).slice(0, 5), rest = all.filter((entry) => !entry.dock);
    root.replaceChildren(
      el('div', {class: 'glance', 'data-id': 'smartspace'}),
      el('div', {class: 'workspace', 'data-id': 'workspace'}, rest.map(button)),
      el('div', {class: 'dock', 'data-id': 'hotseat'}, dock.map(button)),
      el('button', {class: 'search', 'aria-label': 'Search apps', 'data-id': 'search_container', onclick: () => device.tell('drawer', true)},
        icon('search', 22), el('span', {'data-skip': true}, 'Search')),
    );
    drawDate();
  }

  function drawDate() {
    const glance = root.querySelector('.glance');
    const text = device.format(device.now(), {weekday: 'long', month: 'short', day: 'numeric'});
    if (glance && glance.textContent !== text) glance.textContent = text;
  }

  device.on('packages', draw);
  device.on('any', drawDate);
  return {el, iconOf, openable, launch, draw, button};
})();
