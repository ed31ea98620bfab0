'use strict';
// Wi-Fi, mobile data, hotspot, Bluetooth.
const NETWORKS = [{name: 'AndroidWifi', locked: true}, {name: 'Riverside Guest', locked: false}, {name: 'Orchard-5G', locked: true}, {name: 'Cafe Lumen', locked: true}, {name: 'Studio 4B', locked: true}, {name: 'Library Free Wi-Fi', locked: false}];
const DEVICES = [{name: 'Kitchen Speaker', icon: 'volume'}, {name: 'Office Headset', icon: 'music'}, {name: 'Car Audio', icon: 'truck'}, {name: 'Reading Lamp', icon: 'flashlight'}];

const wifiOn = () => ['1', '2'].includes(get('global', 'wifi_on'));
const planeOn = () => is('global', 'airplane_mode_on');
const switchWifi = (on) => put('global', 'wifi_on', on ? (planeOn() ? '2' : '1') : '0');
const joined = () => get('global', 'wifi_network', 'AndroidWifi');
const savedNetworks = () => json('wifi_saved', ['AndroidWifi']);

page('network', {
  title: 'Network & internet', icon: 'wifi', text: 'Mobile, Wi\u2011Fi, hotspot', activity: 'NetworkDashboardActivity', words: 'internet wifi airplane mobile data',
  rows: () => [
    link('internet', {icon: 'wifi'}),
    link('mobile', {icon: 'signal'}),
    setting({space: 'global', key: 'airplane_mode_on', title: 'Airplane mode', icon: 'airplane', after: () => ui.screens.refresh()}),
    link('hotspot', {icon: 'hotspot'}),
    setting({space: 'global', key: 'data_saver_on', title: 'Data Saver', icon: 'data'}),
    choice({space: 'global', key: 'private_dns_mode', title: 'Private DNS', icon: 'security', otherwise: 'opportunistic', options: [{value: 'off', title: 'Off'}, {value: 'opportunistic', title: 'Automatic'}]}),
  ],
});

page('internet', {
  title: 'Internet', icon: 'wifi', parent: 'network', text: () => (wifiOn() ? joined() || 'Not connected' : 'Wi\u2011Fi is off'), activity: 'NetworkProviderSettingsActivity', words: 'wifi wi-fi wireless network connect',
  rows: () => {
    const on = wifiOn(), now = joined(), known = savedNetworks();
    const others = [...NETWORKS, ...known.filter((name) => !NETWORKS.some((each) => each.name === name)).map((name) => ({name, locked: true}))].filter((each) => each.name !== now);
    const trail = (each) => (each.locked ? ui.icon('lock', 18) : null);
    return [
      setting({title: 'Wi\u2011Fi', icon: 'wifi', checked: on, change: switchWifi, after: () => ui.screens.refresh()}),
      on && now && ui.row({icon: 'wifi', title: now, text: 'Connected', trailing: ui.icon('settings', 20), onclick: () => ui.screens.push('page', {name: 'wifi', network: now})}),
      on && others.map((each) => ui.row({icon: 'wifi', title: each.name, text: known.includes(each.name) ? 'Saved' : null, trailing: trail(each), onclick: () => join(each)})),
      on && ui.row({icon: 'add', title: 'Add network', onclick: addNetwork}),
      info('Saved networks', `${known.length} ${known.length === 1 ? 'network' : 'networks'}`),
      !on && note('Wi\u2011Fi is off. To see available networks, turn Wi\u2011Fi on.'),
    ];
  },
});

async function connect(name) {
  await put('global', 'wifi_saved', JSON.stringify([...new Set([...savedNetworks(), name])]));
  await put('global', 'wifi_network', name);
  ui.screens.refresh();
}

async function join(network) {
  if (!network.locked || savedNetworks().includes(network.name)) { await connect(network.name); return; }
  const result = await ui.dialog({
    title: network.name, fields: [{name: 'password', label: 'Password', type: 'password', id: 'password', autofocus: true}], buttons: [{label: 'Cancel', value: ''}, {label: 'Connect', value: 'join'}],
    check: ({button, values}, [field]) => { const right = button !== 'join' || values.password.length >= 8; if (!right) field.element.wrong('A password has 8 characters or more'); return right; },
  });
  if (result?.button === 'join') await connect(network.name);
}

async function addNetwork() {
  const result = await ui.dialog({title: 'Add network', fields: [{name: 'name', label: 'Network name', id: 'ssid', autofocus: true}, {name: 'password', label: 'Password (empty: open network)', type: 'password', id: 'password'}], buttons: [{label: 'Cancel', value: ''}, {label: 'Save', value: 'save'}], check: ({button, values}) => button !== 'save' || values.name.trim() !== ''});
  if (result?.button === 'save') await connect(result.values.name.trim());
}

page('wifi', {
  title: 'Network details', icon: 'wifi', parent: 'internet', hidden: true,
  rows: ({network}) => [
    ui.h('div', {class: 'app-head'}, ui.icon('wifi', 40), ui.h('span', {id: 'entity_header_title'}, network)),
    ui.h('div', {class: 'app-actions'},
      ui.button({label: 'Forget', icon: 'delete', kind: 'tonal', onclick: async () => { await put('global', 'wifi_saved', JSON.stringify(savedNetworks().filter((name) => name !== network))); if (joined() === network) await put('global', 'wifi_network', ''); ui.screens.pop(); }}),
      ui.button({label: 'Disconnect', icon: 'close', kind: 'tonal', onclick: async () => { await put('global', 'wifi_network', ''); ui.screens.pop(); }})),
    info('Signal strength', 'Excellent'), info('Frequency', '5 GHz'), info('Security', 'WPA2-Personal'), info('IP address', '10.0.2.16'), info('Gateway', '10.0.2.2'),
  ],
});

page('mobile', {
  title: 'SIMs', icon: 'signal', parent: 'network', text: 'Handeye Mobile', activity: 'MobileNetworkActivity', words: 'mobile data roaming sim',
  rows: () => [
    setting({space: 'global', key: 'mobile_data', title: 'Mobile data', text: 'Access data using mobile network', otherwise: '1'}),
    setting({space: 'global', key: 'data_roaming', title: 'Roaming', text: 'Connect to data services when roaming'}),
    info('Phone number', '+1 555 010 0199'), info('Network', 'Handeye Mobile'),
  ],
});

page('hotspot', {
  title: 'Hotspot & tethering', icon: 'hotspot', parent: 'network', text: () => (is('global', 'tether_on') ? 'On' : 'Off'), activity: 'TetherSettingsActivity', words: 'hotspot tethering share',
  rows: () => [
    setting({space: 'global', key: 'tether_on', title: 'Wi\u2011Fi hotspot', text: 'Share internet connection with other devices'}),
    ui.row({title: 'Hotspot name', text: get('global', 'tether_name', get('global', 'device_name', 'handeye')), onclick: async () => {
      const name = await ui.prompt({title: 'Hotspot name', value: get('global', 'tether_name', get('global', 'device_name'))});
      if (name?.trim()) { await put('global', 'tether_name', name.trim()); ui.screens.refresh(); }
    }}),
    setting({space: 'global', key: 'bluetooth_tether_on', title: 'Bluetooth tethering'}),
  ],
});

const bluetoothOn = () => is('global', 'bluetooth_on');
const paired = () => json('bluetooth_paired', []);
const setPaired = (list) => put('global', 'bluetooth_paired', JSON.stringify(list));

page('devices', {
  title: 'Connected devices', icon: 'devices', text: 'Bluetooth, pairing', activity: 'ConnectedDeviceDashboardActivity', words: 'bluetooth pair new device',
  rows: () => [
    ui.row({icon: 'add', title: 'Pair new device', text: bluetoothOn() ? null : 'Bluetooth will turn on to pair', onclick: async () => { if (!bluetoothOn()) await put('global', 'bluetooth_on', '1'); ui.screens.push('page', {name: 'pair'}); }}),
    paired().length > 0 && ui.section('Saved devices'),
    paired().map(savedDevice),
    ui.section('Connection preferences'),
    link('bluetooth', {icon: 'bluetooth'}),
    setting({space: 'global', key: 'nfc_on', title: 'NFC', icon: 'nfc', otherwise: '1'}),
    info('Visible as', get('global', 'device_name', 'handeye'), {icon: 'device'}),
  ],
});

const savedDevice = (name) => ui.row({
  icon: DEVICES.find((each) => each.name === name)?.icon ?? 'bluetooth', title: name, text: bluetoothOn() ? 'Connected' : 'Saved', trailing: ui.icon('settings', 20),
  onclick: async () => { if (await ui.confirm({title: `Forget ${name}?`, text: 'Your phone will no longer be paired with it.', yes: 'Forget device'})) { await setPaired(paired().filter((each) => each !== name)); ui.screens.refresh(); } },
});

page('bluetooth', {
  title: 'Bluetooth', icon: 'bluetooth', parent: 'devices', text: () => (bluetoothOn() ? 'On' : 'Off'), activity: 'BluetoothSettingsActivity', words: 'bluetooth wireless headset',
  rows: () => [
    setting({space: 'global', key: 'bluetooth_on', title: 'Use Bluetooth', after: () => ui.screens.refresh()}),
    bluetoothOn() && ui.row({icon: 'add', title: 'Pair new device', onclick: () => ui.screens.push('page', {name: 'pair'})}),
    paired().map(savedDevice),
    !bluetoothOn() && note('When Bluetooth is turned on, your device can communicate with other nearby Bluetooth devices.'),
  ],
});

page('pair', {
  title: 'Pair new device', icon: 'bluetooth', parent: 'devices', hidden: true,
  rows: () => [
    info('Device name', get('global', 'device_name', 'handeye')),
    ui.section('Available devices'),
    DEVICES.filter((each) => !paired().includes(each.name)).map((each) => ui.row({icon: each.icon, title: each.name, onclick: async () => {
      if (await ui.confirm({title: `Pair with ${each.name}?`, text: 'Bluetooth pairing code: 482913', yes: 'Pair'})) { await setPaired([...paired(), each.name]); await ui.screens.pop(); }
    }})),
  ],
});
