'use strict';
// Apps: the list, and what can be done with one.
const listed = () => Object.entries(phone.packages()).map(([name, each]) => ({package: each.package ?? name, label: each.label || each.package || name, folder: each.folder ?? each.name ?? '', home: each.home !== false, permissions: each.permissions ?? []}))
  .filter((each) => each.folder && each.home).sort((a, b) => a.label.localeCompare(b.label));
const found = (name) => listed().find((each) => each.package === name);
const lead = (app) => (app?.folder ? appIcon(app.folder) : icon('apps'));

page({name: 'apps', title: 'Apps', icon: 'apps', activity: 'com.android.settings.applications.ManageApplications', words: 'permissions default assistant', make: () => [
  ui.section('All apps'), ...listed().map((app) => ui.row({lead: lead(app), title: app.label, text: app.package, oneLine: true, onclick: () => open('app', {package: app.package})})),
]});

page({name: 'app', title: 'App info', activity: 'com.android.settings.applications.InstalledAppDetails', make: ({package: name}) => {
  const app = found(name), key = `notifications_off ${name}`;
  return [
    h('div', {class: 'app-head'}, lead(app), h('div', {class: 'name'}, app?.label ?? name)),
    h('div', {class: 'actions'},
      ui.button({label: 'Open', kind: 'tonal', icon: 'open-new', onclick: () => phone.start({package: name})}),
      ui.button({label: 'Force stop', kind: 'tonal', icon: 'stop', disabled: name === phone.package, onclick: async () => {
        if (await ui.confirm({title: 'Force stop?', text: 'If you force stop an app, it may misbehave.', yes: 'OK'})) { await phone.call_('stop', name); phone.toast(`${app?.label ?? name} stopped`); }
      }})),
    ui.switchRow({icon: 'bell', title: 'Notifications', checked: setting('secure', key) !== '1', onchange: (on) => put('secure', key, on ? '0' : '1')}),
    ui.row({icon: 'lock', title: 'Permissions', text: 'What this app may use', onclick: () => open('permissions', {package: name})}),
    ui.row({icon: 'storage', title: 'Storage & cache', text: 'Internal storage', onclick: () => open('app-storage', {package: name})}),
    ui.row({icon: 'info', title: 'Package', text: name}),
  ];
}});

const PERMISSIONS = [['CAMERA', 'Camera'], ['READ_CONTACTS', 'Contacts'], ['READ_CALENDAR', 'Calendar'], ['ACCESS_FINE_LOCATION', 'Location'], ['RECORD_AUDIO', 'Microphone'], ['READ_SMS', 'SMS'], ['CALL_PHONE', 'Phone'], ['READ_EXTERNAL_STORAGE', 'Files and media']];
page({name: 'permissions', title: 'App permissions', make: ({package: name}) => {
  const held = new Set(found(name)?.permissions ?? []);
  return PERMISSIONS.map(([short, label]) => ui.switchRow({title: label, checked: held.has(`android.permission.${short}`), onchange: (on) => phone.call_('permission', name, `android.permission.${short}`, on)}));
}});

page({name: 'app-storage', title: 'Storage', make: async ({package: name}) => {
  const size = async (path) => {
    let sum = 0;
    for (const each of await phone.files.list(path)) sum += each.folder ? await size(`${path}/${each.name}`) : each.size;
    return sum;
  };
  const root = `/data/data/${name}`, used = (await phone.files.exists(root)) ? await size(root) : 0;
  return [
    ui.row({icon: 'storage', title: 'User data', text: bytes(used)}),
    h('div', {class: 'actions'}, ui.button({label: 'Clear storage', kind: 'outlined', icon: 'delete', onclick: async () => {
      const yes = await ui.confirm({title: 'Delete app data?', text: "This app's data, including files and settings, will be permanently deleted.", yes: 'Delete', danger: true});
      if (!yes) return;
      await phone.call_('clear', name);
      ui.screens.refresh();
    }})),
  ];
}});
