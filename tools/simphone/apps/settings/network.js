'use strict';
// Network & internet: Wi-Fi and its networks, aeroplane mode, mobile data, hotspot.
const WIFI = ['1', '2'];
const wifiOn = () => WIFI.includes(setting('global', 'wifi_on', '0'));
const airplane = () => isOn('global', 'airplane_mode_on');
const setWifi = (on) => put('global', 'wifi_on', on ? (airplane() ? '2' : '1') : '0');

const NETWORKS = [
  {name: 'HarbourHouse', lock: true, bars: 'Excellent'}, {name: 'Cafe Lumen', lock: false, bars: 'Good'},
  {name: 'Northside Library', lock: false, bars: 'Good'}, {name: 'Fernweg 12', lock: true, bars: 'Fair'}, {name: 'Printer-5C2A', lock: true, bars: 'Weak'},
];
const joined = () => (wifiOn() ? setting('secure', 'wifi_ssid', 'HarbourHouse') : '');
const saved = () => JSON.parse(setting('secure', 'wifi_saved', '["HarbourHouse"]'));
const remember = (names) => put('secure', 'wifi_saved', JSON.stringify(names));

async function join(network) {
  if (network.lock && !saved().includes(network.name)) {
    const result = await ui.dialog({
      title: network.name, fields: [{name: 'password', label: 'Password', type: 'password', autofocus: true, hint: 'At least 8 characters'}],
      buttons: [{label: 'Cancel', value: false}, {label: 'Connect', value: true}],
      check: ({button, values}, fields) => {
        if (button && values.password.length < 8) { fields[0].element.wrong('Must have at least 8 characters'); return false; }
        return true;
      },
    });
    if (!result?.button) return;
  }
  await remember([...new Set([...saved(), network.name])]);
  await put('secure', 'wifi_ssid', network.name);
  phone.toast(`Connected to ${network.name}`);
  ui.screens.refresh();
}

async function addNetwork() {
  const result = await ui.dialog({
    title: 'Add network', fields: [{name: 'name', label: 'Network name', autofocus: true, capitals: 'none'}, {name: 'password', label: 'Password (none: open)', type: 'password'}],
    buttons: [{label: 'Cancel', value: false}, {label: 'Save', value: true}],
    check: ({button, values}, fields) => {
      if (button && !values.name.trim()) { fields[0].element.wrong('Enter the name of the network'); return false; }
      if (button && values.password && values.password.length < 8) { fields[1].element.wrong('Must have at least 8 characters'); return false; }
      return true;
    },
  });
  if (!result?.button) return;
  await remember([...new Set([...saved(), result.values.name.trim()])]);
  phone.toast('Network saved');
  ui.screens.refresh();
}

page({name: 'network', title: 'Network & internet', icon: 'wifi', activity: 'com.android.settings.Settings$NetworkDashboardActivity', words: 'wireless', make: () => [
  link('wifi', wifiOn() ? joined() || 'On' : 'Off'),
  switchOf('global', 'mobile_data', {icon: 'data', title: 'Mobile data', text: airplane() ? 'Off in aeroplane mode' : 'Handeye', disabled: airplane()}),
  ui.switchRow({icon: 'airplane', title: 'Airplane mode', checked: airplane(), onchange: (on) => put('global', 'airplane_mode_on', on ? '1' : '0')}),
  link('hotspot', isOn('global', 'tether_on') ? 'On' : 'Off'),
  link('saved-networks', `${saved().length} network${saved().length === 1 ? '' : 's'}`),
  ui.switchRow({icon: 'lock', title: 'VPN', text: setting('secure', 'always_on_vpn_app', '') || 'None', checked: setting('secure', 'always_on_vpn_app', '') !== '', onchange: (on) => put('secure', 'always_on_vpn_app', on ? 'org.handeye.shop' : '')}),
  ui.row({icon: 'lock', title: 'Private DNS', text: setting('global', 'private_dns_specifier', '') || 'Automatic', onclick: async () => {
    const name = await ui.prompt({title: 'Private DNS', value: setting('global', 'private_dns_specifier', '')});
    if (name === null || name === undefined) return;
    await put('global', 'private_dns_mode', name.trim() ? 'hostname' : 'opportunistic');
    await put('global', 'private_dns_specifier', name.trim());
    ui.screens.refresh();
  }}),
]});

page({name: 'wifi', title: 'Wi-Fi', icon: 'wifi', activity: 'com.android.settings.wifi.WifiSettings', words: 'wifi wlan internet networks', make: () => [
  hero({title: 'Use Wi-Fi', checked: wifiOn(), onchange: setWifi}),
  ...(wifiOn()
    ? [ui.section('Networks'), ...NETWORKS.map((network) => ui.row({
      icon: 'wifi', title: network.name, trailing: network.lock ? icon('lock', 18) : undefined,
      text: network.name === joined() ? 'Connected' : saved().includes(network.name) ? 'Saved' : network.bars,
      onclick: () => (network.name === joined() ? open('network-details', network) : join(network)),
    })), ui.row({icon: 'add', title: 'Add network', onclick: addNetwork})]
    : [h('div', {class: 'foot'}, 'To see available networks, turn Wi-Fi on.')]),
]});

page({name: 'network-details', title: ({name}) => name, make: ({name}) => [
  ui.row({icon: 'signal', title: 'Signal strength', text: NETWORKS.find((each) => each.name === name)?.bars ?? 'Not in range'}),
  ui.row({icon: 'info', title: 'IP address', text: name === joined() ? '192.168.7.42' : 'None'}),
  ui.row({icon: 'delete', title: 'Forget', text: 'Remove this network and its password', onclick: async () => {
    await remember(saved().filter((each) => each !== name));
    if (setting('secure', 'wifi_ssid', 'HarbourHouse') === name) await put('secure', 'wifi_ssid', '');
    phone.toast('Network forgotten');
    ui.screens.pop();
  }}),
]});

page({name: 'saved-networks', title: 'Saved networks', icon: 'save', make: () => (saved().length
  ? saved().map((name) => ui.row({icon: 'wifi', title: name, onclick: () => open('network-details', {name})}))
  : [ui.empty({icon: 'wifi', text: 'No saved networks'})])});

page({name: 'hotspot', title: 'Hotspot & tethering', icon: 'hotspot', make: () => [
  hero({title: 'Use Wi-Fi hotspot', checked: isOn('global', 'tether_on'), onchange: (on) => put('global', 'tether_on', on ? '1' : '0')}),
  ui.row({icon: 'edit', title: 'Hotspot name', text: setting('secure', 'hotspot_name', 'handeye hotspot'), onclick: async () => {
    const name = await ui.prompt({title: 'Hotspot name', value: setting('secure', 'hotspot_name', 'handeye hotspot')});
    if (name?.trim()) await put('secure', 'hotspot_name', name.trim());
    ui.screens.refresh();
  }}),
]});
