// The questions an event's form asks: reminders, repetition, on which days, until when.
"use strict";

const REMINDERS = [-1, 0, 5, 10, 15, 30, 60, 120, 1440, 10080];

// Minutes before the start; -1 for none; null when nothing was picked.
async function pickReminder(now) {
  const texts = REMINDERS.map(events.reminderText);
  const picked = await choose("Remind me", [...texts, "Custom"], events.reminderText(now));
  if (!picked) return null;
  if (picked !== "Custom") return REMINDERS[texts.indexOf(picked)];
  const minutes = await askNumber("Minutes before the start", now > 0 ? now : 20, 0, 525600);
  return minutes;
}

async function pickRepetition(draft, from) {
  const kinds = { "No repetition": 0, Daily: recurrence.DAY, Weekly: recurrence.WEEK, Monthly: recurrence.MONTH, Yearly: recurrence.YEAR };
  const picked = await choose("Repetition", [...Object.keys(kinds), "Custom"], recurrence.text(draft));
  if (!picked) return null;
  if (picked !== "Custom") return repeated(kinds[picked], from);
  const units = { Days: recurrence.DAY, Weeks: recurrence.WEEK, Months: recurrence.MONTH, Years: recurrence.YEAR };
  const unit = await choose("Repeat every few…", Object.keys(units));
  if (!unit) return null;
  const count = await askNumber(`How many ${unit.toLowerCase()}?`, 2, 1, 99);
  return count === null ? null : repeated(count * units[unit], from);
}

function repeated(interval, from) {
  const repeat = recurrence.unitOf(interval);
  const rule = !repeat ? 0 : repeat.unit === "week" ? 1 << (dates.weekday(dates.number(from)) - 1) : repeat.unit === "day" ? 0 : recurrence.SAME_DAY;
  return { repeat_interval: interval, repeat_rule: rule, repeat_limit: 0 };
}

const ORDINALS = ["first", "second", "third", "fourth", "fifth"];

function monthRules(from) {
  const weekday = recurrence.WEEKDAYS[dates.weekday(dates.number(from)) - 1];
  const last = from.day + 7 > dates.daysIn(from.year, from.month);
  const rules = [[recurrence.SAME_DAY, "the same day"], [recurrence.NTH_WEEKDAY, `the ${ORDINALS[Math.floor((from.day - 1) / 7)]} ${weekday}`]];
  if (last) rules.push([recurrence.LAST_WEEKDAY, `the last ${weekday}`]);
  if (from.day === dates.daysIn(from.year, from.month)) rules.push([recurrence.LAST_DAY, "the last day"]);
  return rules;
}

function ruleText(draft, from) {
  const repeat = recurrence.unitOf(draft.repeat_interval);
  if (repeat.unit === "week") {
    const days = recurrence.WEEKDAYS.filter((_, index) => draft.repeat_rule & (1 << index));
    return days.length === 7 ? "every day" : days.length === 1 ? days[0] : days.map((day) => day.slice(0, 3)).join(", ");
  }
  if (repeat.unit === "month" || repeat.unit === "year") return (monthRules(from).find(([rule]) => rule === draft.repeat_rule) || [0, "the same day"])[1];
  return "";
}

async function pickRule(draft, from) {
  const repeat = recurrence.unitOf(draft.repeat_interval);
  if (repeat.unit === "week") {
    const picked = await chooseMany("Repeat on", recurrence.WEEKDAYS, recurrence.WEEKDAYS.filter((_, index) => draft.repeat_rule & (1 << index)));
    if (!picked || !picked.length) return null;
    return { repeat_rule: picked.reduce((mask, day) => mask | (1 << recurrence.WEEKDAYS.indexOf(day)), 0) };
  }
  const rules = monthRules(from);
  const picked = await choose("Repeat on", rules.map(([, text]) => text), ruleText(draft, from));
  return picked ? { repeat_rule: rules.find(([, text]) => text === picked)[0] } : null;
}

function limitText(draft) {
  if (draft.repeat_limit === 0) return "Forever";
  if (draft.repeat_limit < 0) return `${-draft.repeat_limit} times`;
  return dates.dayText(dates.parts(draft.repeat_limit * 1000), { month: "long", day: "numeric", year: "numeric" });
}

async function pickLimit(draft, from) {
  const picked = await choose("Repeat till", ["Forever", "A date", "A number of times"], draft.repeat_limit === 0 ? "Forever" : "");
  if (picked === "Forever") return { repeat_limit: 0 };
  if (picked === "A date") {
    const day = await ui.datePicker(draft.repeat_limit > 0 ? dates.parts(draft.repeat_limit * 1000) : dates.addMonths(from, 1));
    return day ? { repeat_limit: Math.floor(dates.ms({ ...day, hour: 23, minute: 59, second: 59 }) / 1000) } : null;
  }
  if (picked === "A number of times") {
    const times = await askNumber("How many times?", draft.repeat_limit < 0 ? -draft.repeat_limit : 10, 1, 999);
    return times === null ? null : { repeat_limit: -times };
  }
  return null;
}
