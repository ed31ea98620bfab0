// The full-screen page of what rings: one alarm at a time, or all timers that ran out.
"use strict";

const ringing = (() => {
  let page = null, shown = [];
  const notes = [];

  function now() {
    return phone.now().getTime();
  }

  function buttonsRow(...buttons) {
    return h("div", { class: "ring-row" }, buttons.map(([label, onclick, strong]) => h("button", { class: strong ? "ring-button strong" : "ring-button", onclick }, label)));
  }

  function alarmPage(instance, alarm) {
    return h("div", { class: "ringing", role: "alertdialog" },
      icon("alarm"),
      h("div", { class: "ring-time" }, dates.timeText(instance.due_ms)),
      h("div", { class: "ring-label" }, alarm.label || "Alarm"),
      buttonsRow(
        ["Snooze", () => after(alarms.snooze(instance, now()), "Snoozed for 10 minutes")],
        ["Dismiss", () => after(alarms.dismiss(instance), "Alarm dismissed"), true]));
  }

  function timersPage(expired) {
    const faces = expired.map((timer) => h("div", { class: "ring-timer" },
      h("div", { class: "ring-label" }, timer.label || `${timers.lengthText(timer.length_ms)} timer`),
      h("div", { class: "ring-time", "data-timer": timer._id }, timers.clock(timers.left(timer, now()))),
      h("button", { class: "ring-button", label: "Add 1 minute", onclick: () => after(timers.addMinute(timer, now())) }, "+1:00")));
    return h("div", { class: "ringing", role: "alertdialog" },
      icon("timer"), h("div", { class: "ring-label" }, expired.length === 1 ? "Time's up" : `${expired.length} timers ran out`),
      h("div", { class: "ring-list" }, faces),
      buttonsRow([expired.length === 1 ? "Stop" : "Stop all", async () => {
        for (const timer of expired) await timers.reset(timer);
        await after(null);
      }, true]));
  }

  async function tell(title, text) {
    notes.push(await phone.notify(title, text));
  }

  async function after(change, message) {
    await change;
    for (const note of notes.splice(0)) await phone.dismiss(note);
    if (message) phone.toast(message);
    await shell.refresh();
    await update();
  }

  // Show or take away the page as the databases say.
  async function update() {
    const waiting = (await alarms.instances()).filter((instance) => instance.state === "ringing");
    const expired = (await timers.all()).filter((timer) => timer.state === "expired");
    let next = null, activity = "com.android.deskclock.DeskClock";
    if (waiting.length) {
      const alarm = (await alarms.one(waiting[0].alarm_id)) || { label: "" };
      next = alarmPage(waiting[0], alarm);
      activity = "com.android.deskclock.alarms.AlarmActivity";
    } else if (expired.length) {
      next = timersPage(expired);
      activity = "com.android.deskclock.timer.ExpiredTimersActivity";
    }
    if (page) page.remove();
    if (next || page) phone.activity(activity);
    page = next;
    shown = expired;
    if (page) document.body.append(page);
  }

  function tick(at) {
    if (!page) return;
    for (const timer of shown) {
      const face = page.querySelector(`[data-timer="${timer._id}"]`);
      if (face) face.textContent = timers.clock(timers.left(timer, at));
    }
  }

  return { update, tick, tell, shown: () => page !== null };
})();
