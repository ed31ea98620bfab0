// When events happen: Simple Calendar's repetition columns (seconds) made into occurrences.
"use strict";

const recurrence = (() => {
  const DAY = 86400, WEEK = 604800, MONTH = 2592001, YEAR = 31536000;
  const SAME_DAY = 1, LAST_WEEKDAY = 2, LAST_DAY = 3, NTH_WEEKDAY = 4;

  function unitOf(interval) {
    if (!interval) return null;
    if (interval % YEAR === 0) return { unit: "year", every: interval / YEAR };
    if (interval % MONTH === 0) return { unit: "month", every: interval / MONTH };
    if (interval % WEEK === 0) return { unit: "week", every: interval / WEEK };
    return { unit: "day", every: Math.max(1, Math.round(interval / DAY)) };
  }

  function dayCode(count) {
    const day = dates.fromNumber(count);
    return `${day.year}${dates.pad(day.month)}${dates.pad(day.day)}`;
  }

  // The day of a month that a monthly or yearly rule means, or 0 when that month has none.
  function dayInMonth(first, year, month, rule) {
    const days = dates.daysIn(year, month);
    const weekday = dates.weekday(dates.number(first));
    if (rule === LAST_DAY) return days;
    if (rule === LAST_WEEKDAY) {
      const last = dates.weekday(dates.number({ year, month, day: days }));
      return days - ((last - weekday + 7) % 7);
    }
    if (rule === NTH_WEEKDAY) {
      const start = dates.weekday(dates.number({ year, month, day: 1 }));
      const day = 1 + ((weekday - start + 7) % 7) + 7 * Math.floor((first.day - 1) / 7);
      return day <= days ? day : 0;
    }
    return first.day <= days ? first.day : 0;
  }

  // Day numbers of an event's beginnings, in order; endless for a repetition without an end.
  function* starts(event, from) {
    const first = dates.parts(event.start_ts * 1000);
    const start = dates.number(first);
    const repeat = unitOf(event.repeat_interval);
    if (!repeat) {
      yield start;
      return;
    }
    const counted = event.repeat_limit < 0;
    if (repeat.unit === "day") {
      const skip = counted ? 0 : Math.max(0, Math.floor((from - start) / repeat.every));
      for (let count = start + skip * repeat.every; ; count += repeat.every) yield count;
    } else if (repeat.unit === "week") {
      const monday = start - (dates.weekday(start) - 1);
      const mask = event.repeat_rule & 127 || 1 << (dates.weekday(start) - 1);
      const skip = counted ? 0 : Math.max(0, Math.floor((from - monday) / 7 / repeat.every));
      for (let week = monday + skip * 7 * repeat.every; ; week += 7 * repeat.every) {
        for (let day = 0; day < 7; day++) if (mask & (1 << day) && week + day >= start) yield week + day;
      }
    } else {
      const step = repeat.unit === "month" ? repeat.every : 12 * repeat.every;
      for (let months = 0; months < 12 * 400; months += step) {
        const { year, month } = dates.addMonths({ ...first, day: 1 }, months);
        const day = dayInMonth(first, year, month, event.repeat_rule || SAME_DAY);
        if (day) yield dates.number({ year, month, day });
      }
    }
  }

  function exceptions(event) {
    try {
      return new Set(JSON.parse(event.repetition_exceptions || "[]").map(String));
    } catch {
      return new Set();
    }
  }

  function isAllDay(event) {
    return (event.flags & 1) === 1;
  }

  // The occurrences that touch [fromMs, toMs): {event, start, end} with milliseconds and `day`, the day number of the beginning.
  function between(event, fromMs, toMs) {
    const length = Math.max(0, event.end_ts - event.start_ts) * 1000;
    const clock = dates.parts(event.start_ts * 1000);
    const last = dates.number(dates.parts(toMs)) + 1;
    const earliest = dates.number(dates.parts(fromMs)) - Math.ceil(length / dates.DAY_MS) - 1;
    const left = exceptions(event);
    const found = [];
    let seen = 0;
    for (const day of starts(event, earliest)) {
      if (day > last) break;
      if (event.repeat_limit < 0 && seen++ >= -event.repeat_limit) break;
      const start = dates.ms({ ...dates.fromNumber(day), hour: clock.hour, minute: clock.minute, second: clock.second });
      if (event.repeat_interval && event.repeat_limit > 0 && start > event.repeat_limit * 1000) break;
      if (left.has(dayCode(day))) continue;
      const end = start + length;
      const touches = start < toMs && (end > fromMs || (end === start && start >= fromMs));
      if (touches) found.push({ event, start, end, day });
    }
    return found;
  }

  // All events' occurrences in order of time, whole days first.
  function all(events, fromMs, toMs) {
    return events.flatMap((event) => between(event, fromMs, toMs))
      .sort((a, b) => a.day - b.day || isAllDay(b.event) - isAllDay(a.event) || a.start - b.start || a.event.id - b.event.id);
  }

  const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

  function text(event) {
    const repeat = unitOf(event.repeat_interval);
    if (!repeat) return "No repetition";
    const single = { day: "Daily", week: "Weekly", month: "Monthly", year: "Yearly" };
    return repeat.every === 1 ? single[repeat.unit] : `Every ${repeat.every} ${repeat.unit}s`;
  }

  return { DAY, WEEK, MONTH, YEAR, SAME_DAY, LAST_WEEKDAY, LAST_DAY, NTH_WEEKDAY, WEEKDAYS, unitOf, dayCode, between, all, isAllDay, exceptions, text };
})();
