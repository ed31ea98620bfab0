// Calendar arithmetic in the phone's time zone, which need not be the browser's.
// A civil time is {year, month 1-12, day, hour, minute, second, weekday 1 (Monday) to 7}; a day number counts days since 1970-01-01.
"use strict";

const dates = (() => {
  const DAY_MS = 86400000;
  const formats = new Map();

  function formatOf(zone) {
    if (!formats.has(zone)) {
      formats.set(zone, new Intl.DateTimeFormat("en-US", {
        timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
        hour: "numeric", minute: "numeric", second: "numeric",
      }));
    }
    return formats.get(zone);
  }

  function zoneNow() {
    return phone.zone();
  }

  function parts(ms, zone = zoneNow()) {
    const found = {};
    for (const piece of formatOf(zone).formatToParts(new Date(ms))) found[piece.type] = Number(piece.value);
    const { year, month, day, hour, minute, second } = found;
    return { year, month, day, hour, minute, second, weekday: weekday(number({ year, month, day })) };
  }

  // Milliseconds since 1970 of a civil time. One that a clock change leaves out is read with the offset from before it.
  function ms(civil, zone = zoneNow()) {
    const wanted = Date.UTC(civil.year, civil.month - 1, civil.day, civil.hour || 0, civil.minute || 0, civil.second || 0);
    let guess = wanted - offset(wanted, zone);
    guess = wanted - offset(guess, zone);
    return guess;
  }

  function offset(at, zone) {
    const p = parts(at, zone);
    return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - Math.floor(at / 1000) * 1000;
  }

  function number(civil) {
    return Math.round(Date.UTC(civil.year, civil.month - 1, civil.day) / DAY_MS);
  }

  function fromNumber(count) {
    const date = new Date(count * DAY_MS);
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  }

  function weekday(count) {
    return (((count + 3) % 7) + 7) % 7 + 1;
  }

  function daysIn(year, month) {
    return new Date(Date.UTC(year, month, 0)).getUTCDate();
  }

  function addMonths(civil, months) {
    const count = civil.year * 12 + civil.month - 1 + months;
    const year = Math.floor(count / 12);
    const month = count - year * 12 + 1;
    return { ...civil, year, month, day: Math.min(civil.day, daysIn(year, month)) };
  }

  // A civil day in words; it is no moment, so no zone enters.
  function dayText(civil, options) {
    return new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options })
      .format(new Date(Date.UTC(civil.year, civil.month - 1, civil.day)));
  }

  function is24() {
    return phone.settings.get("system", "time_12_24") !== "12";
  }

  function pad(value) {
    return String(value).padStart(2, "0");
  }

  // "08:30", or "8:30 AM" where the phone is set to twelve hours.
  function clockText(hour, minute) {
    if (is24()) return `${pad(hour)}:${pad(minute)}`;
    return `${hour % 12 || 12}:${pad(minute)} ${hour < 12 ? "AM" : "PM"}`;
  }

  function timeText(at, zone) {
    const p = parts(at, zone);
    return clockText(p.hour, p.minute);
  }

  return { DAY_MS, parts, ms, number, fromNumber, weekday, daysIn, addMonths, dayText, is24, pad, clockText, timeText, zone: zoneNow };
})();
