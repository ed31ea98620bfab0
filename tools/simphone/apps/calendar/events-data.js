// The table of events, in Simple Calendar Pro's columns: times in seconds, flags bit 0 for whole days, reminders in minutes (-1: none).
"use strict";

const events = (() => {
  const PATH = "/data/data/com.simplemobiletools.calendar.pro/databases/events.db";
  const ALL_DAY = 1;
  const COLUMNS = {
    start_ts: 0, end_ts: 0, title: "", location: "", description: "", reminder_1_minutes: -1, reminder_2_minutes: -1, reminder_3_minutes: -1,
    reminder_1_type: 0, reminder_2_type: 0, reminder_3_type: 0, repeat_interval: 0, repeat_rule: 0, repeat_limit: 0, repetition_exceptions: "[]",
    attendees: "", import_id: "", time_zone: "UTC", flags: 0, event_type: 1, parent_id: 0, last_updated: 0, source: "simple-calendar",
    availability: 0, color: 0, type: 0,
  };
  const NAMES = Object.keys(COLUMNS);

  async function open() {
    await phone.files.mkdir(PATH.slice(0, PATH.lastIndexOf("/")));
    const columns = NAMES.map((name) => `${name} ${typeof COLUMNS[name] === "number" ? "INTEGER" : "TEXT"} NOT NULL`).join(", ");
    await phone.sql(PATH, `CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, ${columns})`);
    await phone.sql(PATH, `CREATE TABLE IF NOT EXISTS event_types (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL,
      color INTEGER NOT NULL, type INTEGER NOT NULL)`);
  }

  function all() {
    return phone.sql(PATH, "SELECT * FROM events");
  }

  async function one(id) {
    return (await phone.sql(PATH, "SELECT * FROM events WHERE id = ?", [id]))[0] || null;
  }

  function importId(now) {
    return `${now.toString(16)}${Math.abs(Math.imul(now % 2147483647, 48271)).toString(16)}`;
  }

  // Write an event; one without an id is new. Gives its id.
  async function save(event) {
    const now = phone.now().getTime();
    const row = { ...COLUMNS, time_zone: dates.zone(), ...event, last_updated: now };
    row.import_id = row.import_id || importId(now);
    const values = NAMES.map((name) => row[name]);
    if (event.id) {
      await phone.sql(PATH, `UPDATE events SET ${NAMES.map((name) => `${name} = ?`).join(", ")} WHERE id = ?`, [...values, event.id]);
      return event.id;
    }
    await phone.sql(PATH, `INSERT INTO events (${NAMES.join(", ")}) VALUES (${NAMES.map(() => "?").join(", ")})`, values);
    return (await phone.sql(PATH, "SELECT max(id) AS id FROM events"))[0].id;
  }

  async function remove(id) {
    await phone.sql(PATH, "DELETE FROM events WHERE id = ? OR parent_id = ?", [id, id]);
  }

  // Leave one day out of a repetition.
  async function leaveOut(event, day) {
    const left = [...recurrence.exceptions(event), recurrence.dayCode(day)];
    await phone.sql(PATH, "UPDATE events SET repetition_exceptions = ?, last_updated = ? WHERE id = ?",
      [JSON.stringify(left), phone.now().getTime(), event.id]);
  }

  // End a repetition before an occurrence that begins at `start` milliseconds.
  async function endBefore(event, start) {
    if (start <= event.start_ts * 1000) {
      await remove(event.id);
      return;
    }
    await phone.sql(PATH, "UPDATE events SET repeat_limit = ?, last_updated = ? WHERE id = ?", [Math.floor(start / 1000) - 1, phone.now().getTime(), event.id]);
  }

  function reminders(event) {
    return [event.reminder_1_minutes, event.reminder_2_minutes, event.reminder_3_minutes].filter((minutes) => minutes >= 0);
  }

  function reminderText(minutes) {
    if (minutes < 0) return "No reminder";
    if (minutes === 0) return "At start";
    const [count, unit] = minutes % 10080 === 0 ? [minutes / 10080, "week"] : minutes % 1440 === 0 ? [minutes / 1440, "day"] : minutes % 60 === 0 ? [minutes / 60, "hour"] : [minutes, "minute"];
    return `${count} ${unit}${count === 1 ? "" : "s"} before`;
  }

  // What of these events is to be reminded of in (since, now].
  function due(list, since, now) {
    const found = [];
    const longest = 8 * 7 * dates.DAY_MS;
    for (const event of list) {
      const minutes = reminders(event);
      if (!minutes.length) continue;
      for (const occurrence of recurrence.between(event, since, now + Math.min(longest, Math.max(...minutes) * 60000) + 60000)) {
        if (minutes.some((each) => occurrence.start - each * 60000 > since && occurrence.start - each * 60000 <= now)) found.push(occurrence);
      }
    }
    return found;
  }

  return { PATH, ALL_DAY, COLUMNS, open, all, one, save, remove, leaveOut, endBefore, reminders, reminderText, due };
})();
