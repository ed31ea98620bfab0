'use strict';
ui.screens.define('main', () => ui.screen({title: 'Settings', body: [ui.row({icon: 'wifi', title: 'Network & internet', text: 'Wi-Fi, mobile data', onclick: () => ui.screens.push('network')}),
  ui.row({icon: 'text', title: 'Try the kit', onclick: () => ui.screens.push('try')})]}));
ui.screens.define('network', () => ui.screen({title: 'Network & internet', back: true, body: [
  ui.switchRow({icon: 'wifi', title: 'Wi-Fi', checked: phone.settings.get('global', 'wifi_on') === '1', onchange: (on) => phone.settings.put('global', 'wifi_on', on ? '1' : '0')}),
]}));
ui.screens.define('try', () => ui.screen({title: 'Kit', back: true, actions: [{icon: 'search', label: 'Search'}], menu: [{label: 'One', onclick() {}}], fab: {icon: 'add', label: 'Add', onclick: () => ui.dialog({title: 'New', text: 'What?', fields: [{name: 'a', label: 'Name', autofocus: true}], buttons: ['Cancel', 'OK']})},
  tabs: {items: [{value: 1, label: 'First'}, {value: 2, label: 'Second'}], value: 1, onchange() {}}, body: [
    ui.section('Section'), ui.checkRow({title: 'Check', checked: true}), ui.radios({options: ['A', 'B'], value: 'A'}), ui.field({label: 'Name', placeholder: 'Type'}), ui.slider({value: 30, label: 'Volume'}), ui.chips([{label: 'x', checked: true}, {label: 'y', checked: false}]),
    ui.row({title: 'Pick a time', onclick: () => ui.timePicker({hour: 9, minute: 5})}), ui.row({title: 'Pick a date', onclick: () => ui.datePicker()}), ui.button({label: 'Save', kind: 'filled'}), ui.row({avatar: 'Lena', title: 'Lena', text: '+1555'}),
  ]}));
ui.screens.push('main');
