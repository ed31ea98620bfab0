'use strict';
// Connected devices: Bluetooth, pairing.
const NEARBY = [{name: 'Orbit Buds', sign: 'volume'}, {name: 'Kitchen speaker', sign: 'music'}, {name: 'Trail watch', sign: 'stopwatch'}, {name: 'Car', sign: 'truck'}];
const bluetoothOn = () => isOn('global', 'bluetooth_on');
const paired = () => JSON.parse(setting('secure', 'bluetooth_paired', '[]'));
const keepPaired = (names) => put('secure', 'bluetooth_paired', JSON.stringify(names));

page({name: 'devices', title: 'Connected devices', icon: 'devices', words: 'nfc cast', make: () => [
  ui.row({icon: 'add', title: 'Pair new device', onclick: () => open('pair')}),
  ...(paired().length ? [ui.section('Saved devices'), ...paired().map((name) => ui.row({icon: 'bluetooth', title: name, text: bluetoothOn() ? 'Connected' : 'Saved', onclick: () => open('device', {name})}))] : []),
  ui.section('Connection preferences'),
  link('bluetooth', bluetoothOn() ? 'On' : 'Off'),
  switchOf('secure', 'nfc_on', {icon: 'nfc', title: 'NFC', otherwise: '1'}),
]});

page({name: 'bluetooth', title: 'Bluetooth', icon: 'bluetooth', activity: 'com.android.settings.bluetooth.BluetoothSettings', make: () => [
  hero({title: 'Use Bluetooth', checked: bluetoothOn(), onchange: (on) => put('global', 'bluetooth_on', on ? '1' : '0')}),
  ui.row({icon: 'edit', title: 'Device name', text: setting('global', 'device_name'), onclick: async () => {
    const name = await ui.prompt({title: 'Rename this device', value: setting('global', 'device_name')});
    if (name?.trim()) await put('global', 'device_name', name.trim());
    ui.screens.refresh();
  }}),
  ui.row({icon: 'add', title: 'Pair new device', onclick: () => open('pair')}),
]});

page({name: 'pair', title: 'Pair new device', make: async () => {
  if (!bluetoothOn()) await put('global', 'bluetooth_on', '1');
  const left = NEARBY.filter((each) => !paired().includes(each.name));
  return [ui.row({icon: 'device', title: 'Device name', text: setting('global', 'device_name')}), ui.section('Available devices'), ...left.map((each) => ui.row({icon: each.sign, title: each.name, onclick: async () => {
    const yes = await ui.confirm({title: `Pair with ${each.name}?`, text: 'Pairing gives access to your contacts and call history when connected.', yes: 'Pair'});
    if (!yes) return;
    await keepPaired([...paired(), each.name]);
    phone.toast(`Paired with ${each.name}`);
    ui.screens.pop();
  }})), ...(left.length ? [] : [h('div', {class: 'foot'}, 'No other device is near.')])];
}});

page({name: 'device', title: ({name}) => name, make: ({name}) => [
  ui.row({icon: 'bluetooth', title: bluetoothOn() ? 'Connected' : 'Not connected', text: bluetoothOn() ? 'Active' : 'Bluetooth is off'}),
  ui.row({icon: 'delete', title: 'Forget', onclick: async () => {
    if (!(await ui.confirm({title: `Forget ${name}?`, text: 'Your phone will no longer be paired with it.', yes: 'Forget device', danger: true}))) return;
    await keepPaired(paired().filter((each) => each !== name));
    ui.screens.pop();
  }}),
]});
