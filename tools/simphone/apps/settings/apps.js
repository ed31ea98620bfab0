'use strict';
// Apps, what they may do, their notifications and what they store.
const openable = () => phone.packages().filter((entry) => entry.home).sort((a, b) => a.label.localeCompare(b.label));
const appRow = (entry, more = {}) => ui.row({lead: picture(entry), title: entry.label, onclick: () => ui.screens.push('page', {name: 'app', package: entry.package}), ...more});
const muted = () => json('notifications_off', []);
const setMuted = (name, off) => put('global', 'notifications_off', JSON.stringify(off ? [...new Set([...muted(), name])] : muted().filter((each) => each !== name)));

page('apps', {
  title: 'Apps', icon: 'apps', text: 'Recent apps, default apps', activity: 'AppDashboardActivity', words: 'applications uninstall force stop storage permissions',
  rows: () => {
    const recent = [...phone.device.mirror.tasks].reverse().map((task) => phone.packages().find((entry) => entry.package === task.package)).filter((entry) => entry?.home && entry.package !== phone.package).slice(0, 3);
    return [
      recent.length > 0 && ui.section('Recently opened apps'), recent.map((entry) => appRow(entry)),
      ui.row({icon: 'apps', title: `See all ${openable().length} apps`, id: 'header_details', onclick: () => ui.screens.push('page', {name: 'all'})}),
      ui.section('General'), link('permissions', {icon: 'security'}), link('notifications', {icon: 'bell', title: 'App notifications'}),
    ];
  },
});

page('all', {
  title: 'All apps', icon: 'apps', parent: 'apps', activity: 'ManageApplicationsActivity', words: 'applications list',
  rows: async ({system = false}) => {
    const list = (system ? phone.packages() : openable()).slice().sort((a, b) => a.label.localeCompare(b.label));
    const sizes = await Promise.all(list.map((entry) => weigh(`/data/data/${entry.package}`)));
    return [list.map((entry, index) => appRow(entry, {text: entry.enabled ? bytes(sizes[index].size + 14_000_000) : 'Disabled'})),
      ui.row({icon: 'more', title: system ? 'Hide system' : 'Show system', onclick: () => ui.screens.replace('page', {name: 'all', system: !system})})];
  },
});

page('app', {
  title: 'App info', icon: 'info', parent: 'apps', hidden: true, activity: 'InstalledAppDetails',
  rows: async ({package: name}) => {
    const entry = phone.packages().find((each) => each.package === name);
    if (!entry) return [ui.empty({icon: 'info', text: `${name} is not installed`})];
    const running = phone.device.mirror.tasks.some((task) => task.package === name), {size} = await weigh(`/data/data/${name}`);
    return [
      ui.h('div', {class: 'app-head'}, picture(entry), ui.h('span', {id: 'entity_header_title'}, entry.label)),
      ui.h('div', {class: 'app-actions'},
        entry.home && ui.button({label: 'Open', icon: 'open-new', kind: 'tonal', id: 'button1', onclick: () => phone.start({package: name})}),
        ui.button({label: 'Force stop', icon: 'warning', kind: 'tonal', id: 'button3', disabled: !running || name === phone.package, onclick: async () => {
          if (!await ui.confirm({title: 'Force stop?', text: 'If you force stop an app, it may misbehave.'})) return;
          const task = phone.device.mirror.tasks.find((each) => each.package === name);
          await phone.call_('stop', name);
          if (task) await phone.call_('close', task.id);
          ui.screens.refresh();
        }})),
      setting({title: 'Notifications', text: muted().includes(name) ? 'Off' : 'On', checked: !muted().includes(name), change: (on) => setMuted(name, !on), after: () => ui.screens.refresh()}),
      ui.row({title: 'Permissions', text: entry.permissions.length ? `${entry.permissions.length} allowed` : 'No permissions granted', onclick: () => ui.screens.push('page', {name: 'grants', package: name})}),
      ui.row({title: 'Storage & cache', text: `${bytes(size + 14_000_000)} used in internal storage`, onclick: () => ui.screens.push('page', {name: 'stored', package: name})}),
      info('Package', name), info('Version', entry.version),
    ];
  },
});

page('stored', {
  title: 'Storage', icon: 'storage', parent: 'apps', hidden: true,
  rows: async ({package: name}) => {
    const entry = phone.packages().find((each) => each.package === name), all = await weigh(`/data/data/${name}`), cached = await weigh(`/data/data/${name}/cache`);
    return [
      ui.h('div', {class: 'app-head'}, picture(entry), ui.h('span', {id: 'entity_header_title'}, entry.label)),
      ui.h('div', {class: 'app-actions'},
        ui.button({label: 'Clear storage', icon: 'delete', kind: 'tonal', id: 'button1', onclick: async () => {
          if (!await ui.confirm({title: 'Delete app data?', text: "This app's data will be permanently deleted, including files and settings.", yes: 'Delete'})) return;
          await phone.call_('clear', name);
          ui.screens.refresh();
        }}),
        ui.button({label: 'Clear cache', icon: 'refresh', kind: 'tonal', id: 'button2', disabled: cached.count === 0, onclick: async () => {
          for (const each of await phone.files.list(`/data/data/${name}/cache`)) await phone.files.remove(`/data/data/${name}/cache/${each.name}`);
          ui.screens.refresh();
        }})),
      ui.section('Space used'), info('App size', bytes(14_000_000)), info('User data', bytes(all.size - cached.size)), info('Cache', bytes(cached.size)),
    ];
  },
});

const GRANTS = {CAMERA: 'Camera', READ_CONTACTS: 'Contacts (read)', WRITE_CONTACTS: 'Contacts (change)', CALL_PHONE: 'Phone', SEND_SMS: 'SMS (send)', READ_SMS: 'SMS (read)', READ_CALENDAR: 'Calendar (read)', WRITE_CALENDAR: 'Calendar (change)', ACCESS_FINE_LOCATION: 'Location', RECORD_AUDIO: 'Microphone', POST_NOTIFICATIONS: 'Notifications', READ_EXTERNAL_STORAGE: 'Files', READ_MEDIA_IMAGES: 'Photos and videos'};
const grantName = (permission) => GRANTS[permission.split('.').pop()] ?? permission.split('.').pop().toLowerCase().replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase());

page('grants', {
  title: 'App permissions', icon: 'security', parent: 'apps', hidden: true,
  rows: ({package: name}) => {
    const entry = phone.packages().find((each) => each.package === name);
    const all = [...new Set([...entry.asks, ...entry.permissions])].sort((a, b) => grantName(a).localeCompare(grantName(b)));
    return [ui.h('div', {class: 'app-head'}, picture(entry), entry.label), all.length ? all.map((each) => ui.switchRow({title: grantName(each), checked: entry.permissions.includes(each), onchange: (on) => phone.call_('permission', name, each, on)})) : note('No permissions requested')];
  },
});

page('permissions', {
  title: 'Permission manager', icon: 'security', parent: 'apps', text: 'Control what apps may use', words: 'privacy camera location contacts permission',
  rows: () => {
    const wanted = new Map();
    for (const entry of openable()) for (const each of entry.asks) wanted.set(each, [...(wanted.get(each) ?? []), entry]);
    return [...wanted].sort(([a], [b]) => grantName(a).localeCompare(grantName(b))).map(([name, entries]) => ui.row({title: grantName(name), text: `${entries.filter((entry) => entry.permissions.includes(name)).length} of ${entries.length} apps allowed`, onclick: () => ui.screens.push('page', {name: 'grantees', permission: name})}));
  },
});

page('grantees', {
  title: 'Permission', icon: 'security', parent: 'apps', hidden: true,
  rows: ({permission}) => [ui.section(grantName(permission)), openable().filter((entry) => entry.asks.includes(permission)).map((entry) => ui.switchRow({lead: picture(entry), title: entry.label, checked: entry.permissions.includes(permission), onchange: (on) => phone.call_('permission', entry.package, permission, on)}))],
});

page('notifications', {
  title: 'Notifications', icon: 'bell', text: 'Notification history, conversations', activity: 'NotificationSettingsActivity', words: 'notifications alerts lock screen',
  rows: () => [
    setting({space: 'secure', key: 'lock_screen_show_notifications', title: 'Notifications on lock screen', otherwise: '1'}),
    setting({space: 'global', key: 'heads_up_notifications_enabled', title: 'Pop on screen', otherwise: '1'}),
    link('zen', {icon: undefined}),
    ui.section('App notifications'),
    openable().map((entry) => ui.switchRow({lead: picture(entry), title: entry.label, checked: !muted().includes(entry.package), onchange: (on) => setMuted(entry.package, !on)})),
  ],
});

page('storage', {
  title: 'Storage', icon: 'storage', text: 'Free space, files', activity: 'StorageDashboardActivity', words: 'space disk files free up',
  rows: async () => {
    const kinds = [['Images', 'image', ['DCIM', 'Pictures']], ['Videos', 'video', ['Movies']], ['Audio', 'music', ['Music', 'Podcasts', 'Ringtones', 'Alarms', 'Notifications', 'Recordings']], ['Documents & other', 'file', ['Documents', 'Download']]];
    const sizes = await Promise.all(kinds.map(async ([, , folders]) => (await Promise.all(folders.map((name) => weigh(`/storage/emulated/0/${name}`)))).reduce((total, each) => total + each.size, 0)));
    const apps = openable().length * 14_000_000, system = 11_400_000_000, used = system + apps + sizes.reduce((a, b) => a + b, 0);
    return [
      ui.h('div', {class: 'figure', id: 'usage_summary'}, `${bytes(used)} used`), ui.h('div', {class: 'note'}, '64 GB total'),
      ui.h('div', {class: 'meter'}, ui.h('div', {class: 'ui-progress'}, ui.h('i', {style: `width:${(used / 64e9) * 100}%`}))),
      kinds.map(([title, sign], index) => ui.row({icon: sign, title, text: bytes(sizes[index]), onclick: () => phone.start({package: 'com.google.android.documentsui'})})),
      ui.row({icon: 'apps', title: 'Apps', text: bytes(apps), onclick: () => ui.screens.push('page', {name: 'all'})}), info('System', bytes(system), {icon: 'device'}),
    ];
  },
});
