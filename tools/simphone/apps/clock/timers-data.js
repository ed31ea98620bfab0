// Timers, the stopwatch and the cities of the world clock, in timers.db. A running one stores when it was started, never a count.
"use strict";

const timers = (() => {
  const PATH = "/data/user_de/0/com.google.android.deskclock/databases/timers.db";
  const TABLES = [
    `CREATE TABLE IF NOT EXISTS timers (_id INTEGER PRIMARY KEY AUTOINCREMENT, length_ms INTEGER NOT NULL, remaining_ms INTEGER NOT NULL,
      state TEXT NOT NULL, label TEXT NOT NULL DEFAULT '', started_ms INTEGER NOT NULL DEFAULT 0)`,
    `CREATE TABLE IF NOT EXISTS stopwatch (_id INTEGER PRIMARY KEY, state TEXT NOT NULL, started_ms INTEGER NOT NULL,
      accumulated_ms INTEGER NOT NULL, laps TEXT NOT NULL)`,
    "CREATE TABLE IF NOT EXISTS cities (_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, zone TEXT NOT NULL)",
    "INSERT OR IGNORE INTO stopwatch VALUES (1, 'reset', 0, 0, '[]')",
  ];

  async function open() {
    await phone.files.mkdir(PATH.slice(0, PATH.lastIndexOf("/")));
    for (const statement of TABLES) await phone.sql(PATH, statement);
  }

  function all() {
    return phone.sql(PATH, "SELECT * FROM timers ORDER BY _id");
  }

  async function add(lengthMs, label = "", start = true) {
    await phone.sql(PATH, "INSERT INTO timers (length_ms, remaining_ms, state, label, started_ms) VALUES (?, ?, ?, ?, ?)",
      [lengthMs, lengthMs, start ? "running" : "reset", label, start ? phone.now().getTime() : 0]);
  }

  // Milliseconds left; negative after the end.
  function left(timer, now) {
    return timer.state === "running" || timer.state === "expired" ? timer.remaining_ms - (now - timer.started_ms) : timer.remaining_ms;
  }

  function write(timer, values) {
    const next = { ...timer, ...values };
    return phone.sql(PATH, "UPDATE timers SET length_ms = ?, remaining_ms = ?, state = ?, label = ?, started_ms = ? WHERE _id = ?",
      [next.length_ms, next.remaining_ms, next.state, next.label, next.started_ms, timer._id]);
  }

  function start(timer, now) {
    return write(timer, { state: "running", started_ms: now });
  }

  function pause(timer, now) {
    return write(timer, { state: "paused", remaining_ms: Math.max(0, left(timer, now)), started_ms: 0 });
  }

  function reset(timer) {
    return write(timer, { state: "reset", remaining_ms: timer.length_ms, started_ms: 0 });
  }

  function addMinute(timer, now) {
    if (timer.state === "expired") return write(timer, { state: "running", remaining_ms: 60000, started_ms: now });
    return write(timer, { remaining_ms: timer.remaining_ms + 60000, length_ms: timer.state === "reset" ? timer.length_ms + 60000 : timer.length_ms });
  }

  function remove(timer) {
    return phone.sql(PATH, "DELETE FROM timers WHERE _id = ?", [timer._id]);
  }

  // Mark what ran out; gives those timers.
  async function expire(now) {
    const due = (await all()).filter((timer) => timer.state === "running" && left(timer, now) <= 0);
    for (const timer of due) await write(timer, { state: "expired" });
    return due;
  }

  // "1:02:03", "02:03" or "-00:05", rounded up to the second as a countdown is.
  function clock(ms) {
    const whole = Math.abs(Math.ceil(ms / 1000));
    const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = whole % 60;
    const text = h ? `${h}:${dates.pad(m)}:${dates.pad(s)}` : `${dates.pad(m)}:${dates.pad(s)}`;
    return ms <= -1000 ? `-${text}` : text;
  }

  function lengthText(ms) {
    const whole = Math.round(ms / 1000);
    return [[Math.floor(whole / 3600), "h"], [Math.floor(whole / 60) % 60, "m"], [whole % 60, "s"]]
      .filter(([count]) => count).map(([count, unit]) => `${count}${unit}`).join(" ") || "0s";
  }

  async function stopwatch() {
    const row = (await phone.sql(PATH, "SELECT * FROM stopwatch WHERE _id = 1"))[0];
    return { ...row, laps: JSON.parse(row.laps) };
  }

  function writeStopwatch(watch) {
    return phone.sql(PATH, "UPDATE stopwatch SET state = ?, started_ms = ?, accumulated_ms = ?, laps = ? WHERE _id = 1",
      [watch.state, watch.started_ms, watch.accumulated_ms, JSON.stringify(watch.laps)]);
  }

  function elapsed(watch, now) {
    return watch.accumulated_ms + (watch.state === "running" ? Math.max(0, now - watch.started_ms) : 0);
  }

  function cities() {
    return phone.sql(PATH, "SELECT * FROM cities ORDER BY _id");
  }

  async function addCity(name, zone) {
    const there = await phone.sql(PATH, "SELECT 1 FROM cities WHERE name = ?", [name]);
    if (!there.length) await phone.sql(PATH, "INSERT INTO cities (name, zone) VALUES (?, ?)", [name, zone]);
  }

  function removeCity(id) {
    return phone.sql(PATH, "DELETE FROM cities WHERE _id = ?", [id]);
  }

  return {
    PATH, open, all, add, left, write, start, pause, reset, addMinute, remove, expire, clock, lengthText,
    stopwatch, writeStopwatch, elapsed, cities, addCity, removeCity,
  };
})();
