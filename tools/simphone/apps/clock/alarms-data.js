// Alarms in alarms.db: alarm_templates are what the list shows, alarm_instances are those that ring or were snoozed.
"use strict";

const alarms = (() => {
  const PATH = "/data/user_de/0/com.google.android.deskclock/databases/alarms.db";
  const SOUND = "content://settings/system/alarm_alert";
  const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  const SNOOZE_MS = 10 * 60000;
  const TABLES = [
    `CREATE TABLE IF NOT EXISTS alarm_templates (_id INTEGER PRIMARY KEY AUTOINCREMENT, hour INTEGER NOT NULL, minutes INTEGER NOT NULL,
      daysofweek INTEGER NOT NULL, enabled INTEGER NOT NULL, vibrate INTEGER NOT NULL, label TEXT NOT NULL, ringtone TEXT,
      delete_after_use INTEGER NOT NULL DEFAULT 0)`,
    `CREATE TABLE IF NOT EXISTS alarm_instances (_id INTEGER PRIMARY KEY AUTOINCREMENT, alarm_id INTEGER NOT NULL, due_ms INTEGER NOT NULL,
      state TEXT NOT NULL)`,
  ];

  async function open() {
    await phone.files.mkdir(PATH.slice(0, PATH.lastIndexOf("/")));
    for (const table of TABLES) await phone.sql(PATH, table);
  }

  function all() {
    return phone.sql(PATH, "SELECT * FROM alarm_templates ORDER BY hour, minutes, _id");
  }

  async function one(id) {
    return (await phone.sql(PATH, "SELECT * FROM alarm_templates WHERE _id = ?", [id]))[0] || null;
  }

  async function add(hour, minutes, more = {}) {
    await phone.sql(PATH, `INSERT INTO alarm_templates (hour, minutes, daysofweek, enabled, vibrate, label, ringtone, delete_after_use)
      VALUES (?, ?, ?, 1, ?, ?, ?, 0)`, [hour, minutes, more.daysofweek || 0, more.vibrate ?? 1, more.label || "", SOUND]);
    return (await phone.sql(PATH, "SELECT max(_id) AS id FROM alarm_templates"))[0].id;
  }

  const COLUMNS = new Set(["hour", "minutes", "daysofweek", "enabled", "vibrate", "label", "ringtone", "delete_after_use"]);

  async function change(id, values) {
    const names = Object.keys(values).filter((name) => COLUMNS.has(name));
    const parts = names.map((name) => `${name} = ?`).join(", ");
    await phone.sql(PATH, `UPDATE alarm_templates SET ${parts} WHERE _id = ?`, [...names.map((name) => values[name]), id]);
    await phone.sql(PATH, "DELETE FROM alarm_instances WHERE alarm_id = ? AND state = 'snoozed'", [id]);
  }

  async function remove(id) {
    await phone.sql(PATH, "DELETE FROM alarm_templates WHERE _id = ?", [id]);
    await phone.sql(PATH, "DELETE FROM alarm_instances WHERE alarm_id = ?", [id]);
  }

  // The first moment after `after` at which the alarm is due.
  function next(alarm, after) {
    const today = dates.number(dates.parts(after));
    for (let ahead = 0; ahead <= 8; ahead++) {
      const day = today + ahead;
      const wanted = alarm.daysofweek === 0 || alarm.daysofweek & (1 << (dates.weekday(day) - 1));
      const due = dates.ms({ ...dates.fromNumber(day), hour: alarm.hour, minute: alarm.minutes });
      if (wanted && due > after) return due;
    }
    return Infinity;
  }

  function daysText(mask) {
    if (mask === 0) return "";
    if (mask === 127) return "Every day";
    const days = DAYS.filter((_, index) => mask & (1 << index));
    return days.length === 1 ? days[0] : days.map((day) => day.slice(0, 3)).join(", ");
  }

  function summary(alarm, now) {
    if (alarm.daysofweek) return daysText(alarm.daysofweek);
    if (!alarm.enabled) return "Not scheduled";
    const ahead = dates.number(dates.parts(next(alarm, now))) - dates.number(dates.parts(now));
    return ahead === 0 ? "Today" : "Tomorrow";
  }

  function instances() {
    return phone.sql(PATH, "SELECT * FROM alarm_instances ORDER BY due_ms, _id");
  }

  // Make what became due in (since, now] ring; gives those alarms.
  async function ring(since, now) {
    const rung = [];
    for (const alarm of await all()) {
      if (!alarm.enabled || next(alarm, since) > now) continue;
      await phone.sql(PATH, "INSERT INTO alarm_instances (alarm_id, due_ms, state) VALUES (?, ?, 'ringing')", [alarm._id, next(alarm, since)]);
      if (!alarm.daysofweek) await phone.sql(PATH, "UPDATE alarm_templates SET enabled = 0 WHERE _id = ?", [alarm._id]);
      rung.push(alarm);
    }
    for (const instance of await instances()) {
      if (instance.state !== "snoozed" || instance.due_ms > now) continue;
      await phone.sql(PATH, "UPDATE alarm_instances SET state = 'ringing' WHERE _id = ?", [instance._id]);
      rung.push(await one(instance.alarm_id));
    }
    return rung.filter(Boolean);
  }

  function snooze(instance, now) {
    return phone.sql(PATH, "UPDATE alarm_instances SET state = 'snoozed', due_ms = ? WHERE _id = ?", [now + SNOOZE_MS, instance._id]);
  }

  async function dismiss(instance) {
    await phone.sql(PATH, "DELETE FROM alarm_instances WHERE _id = ?", [instance._id]);
    const alarm = await one(instance.alarm_id);
    if (alarm && alarm.delete_after_use && !alarm.daysofweek) await remove(alarm._id);
  }

  // "9 hours and 12 minutes from now", as the message after setting an alarm says.
  function untilText(ms) {
    const minutes = Math.ceil(ms / 60000);
    const parts = [[Math.floor(minutes / 1440), "day"], [Math.floor(minutes / 60) % 24, "hour"], [minutes % 60, "minute"]]
      .filter(([count]) => count).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
    if (!parts.length) return "less than 1 minute from now";
    return `${parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ` : ""}${parts.at(-1)} from now`;
  }

  return { PATH, SOUND, DAYS, open, all, one, add, change, remove, next, daysText, summary, instances, ring, snooze, dismiss, untilText };
})();
