// The list of alarms; a card opens to its days, label, sound and Delete.
"use strict";

const alarmTab = (() => {
  let root, open = null;

  async function pickNew() {
    const now = dates.parts(phone.now().getTime());
    const picked = await ui.timePicker({ title: "Select time", hour: (now.hour + 1) % 24, minute: 0 });
    if (!picked) return;
    open = await alarms.add(picked.hour, picked.minute);
    await refresh();
    await tellWhen(open);
  }

  async function tellWhen(id) {
    const alarm = await alarms.one(id);
    const now = phone.now().getTime();
    if (alarm && alarm.enabled) phone.toast(`Alarm set for ${alarms.untilText(alarms.next(alarm, now) - now)}.`);
  }

  async function change(alarm, values) {
    await alarms.change(alarm._id, values);
    await refresh();
    if (values.enabled || "hour" in values || "daysofweek" in values) await tellWhen(alarm._id);
  }

  async function pickTime(alarm) {
    const picked = await ui.timePicker({ title: "Select time", hour: alarm.hour, minute: alarm.minutes });
    if (picked) await change(alarm, { hour: picked.hour, minutes: picked.minute, enabled: 1 });
  }

  async function editLabel(alarm) {
    const label = await askLabel("Label", alarm.label);
    if (label !== null) await change(alarm, { label });
  }

  async function remove(alarm) {
    await alarms.remove(alarm._id);
    open = null;
    await refresh();
    phone.toast("Alarm deleted");
  }

  function timeNode(alarm) {
    const whole = dates.clockText(alarm.hour, alarm.minutes);
    const [time, half] = whole.split(" ");
    return h("button", { class: "alarm-time", label: whole, onclick: () => pickTime(alarm) }, time, half ? h("small", {}, half) : null);
  }

  function dayNode(alarm, index) {
    const on = Boolean(alarm.daysofweek & (1 << index));
    return h("button", {
      class: on ? "day on" : "day", label: alarms.DAYS[index], role: "checkbox", "aria-checked": String(on),
      onclick: () => change(alarm, { daysofweek: alarm.daysofweek ^ (1 << index), enabled: 1 }),
    }, alarms.DAYS[index][0]);
  }

  function details(alarm) {
    return h("div", { class: "alarm-details" },
      h("div", { class: "days" }, alarms.DAYS.map((_, index) => dayNode(alarm, index))),
      line("Vibrate", "vibrate", h("span", { class: alarm.vibrate ? "box on" : "box" }), () => change(alarm, { vibrate: alarm.vibrate ? 0 : 1 }),
        { role: "checkbox", "aria-checked": String(Boolean(alarm.vibrate)) }),
      line(alarm.ringtone === "silent" ? "Silent" : "Default (Morning bells)", "bell", null,
        () => change(alarm, { ringtone: alarm.ringtone === "silent" ? alarms.SOUND : "silent" }), { label: `Ringtone ${alarm.ringtone === "silent" ? "Silent" : "Default"}` }),
      line("Delete", "delete", null, () => remove(alarm)));
  }

  function line(text, sign, trailing, onclick, more = {}) {
    return h("button", { class: "alarm-line", onclick, ...more }, icon(sign), h("span", { class: "grow" }, text), trailing);
  }

  function card(alarm) {
    const isOpen = open === alarm._id;
    const labelText = alarm.label || "Add label";
    const toggle = async () => {
      open = isOpen ? null : alarm._id;
      await refresh();
    };
    return h("div", { class: `alarm card${isOpen ? " open" : ""}${alarm.enabled ? "" : " off"}` },
      h("div", { class: "alarm-top" },
        isOpen || alarm.label ? h("button", { class: "alarm-label", onclick: () => editLabel(alarm) }, icon("tag"), h("span", {}, labelText)) : h("span", { class: "grow" }),
        h("button", { class: "ui-icon-button", label: isOpen ? "Collapse alarm" : "Expand alarm", onclick: toggle }, icon(isOpen ? "chevron-up" : "chevron-down"))),
      h("div", { class: "alarm-middle" }, timeNode(alarm)),
      h("div", { class: "alarm-bottom" },
        h("span", { class: "grow" }, alarms.summary(alarm, phone.now().getTime())),
        toggleSwitch(Boolean(alarm.enabled), `Alarm at ${dates.clockText(alarm.hour, alarm.minutes)}`, () => change(alarm, { enabled: alarm.enabled ? 0 : 1 }))),
      isOpen ? details(alarm) : null);
  }

  async function refresh() {
    if (!root) return;
    const list = await alarms.all();
    const empty = h("div", { class: "empty" }, icon("alarm"), h("p", {}, "No alarms"));
    fill(root, list.length ? list.map(card) : empty);
    root.querySelector(".alarm.open")?.scrollIntoView({ block: "nearest" });
  }

  async function show(node) {
    root = node;
    await refresh();
  }

  return { show, refresh, hide: () => { root = null; }, add: pickNew };
})();
