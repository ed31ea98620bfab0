// A month: six weeks of days with the names of their events.
"use strict";

const FIRST_WEEKDAY = 7;
const MOST_LABELS = 4;

function firstOfWeek(count) {
  return count - ((dates.weekday(count) - FIRST_WEEKDAY + 7) % 7);
}

function dayMs(count) {
  return dates.ms(dates.fromNumber(count));
}

function monthView(month, list, openDay) {
  const first = firstOfWeek(dates.number({ ...month, day: 1 }));
  const occurrences = recurrence.all(list, dayMs(first), dayMs(first + 42));
  const byDay = new Map();
  for (const occurrence of occurrences) {
    const last = Math.max(occurrence.day, dates.number(dates.parts(occurrence.end - (occurrence.end > occurrence.start ? 1 : 0))));
    for (let day = Math.max(first, occurrence.day); day <= Math.min(last, first + 41); day++) byDay.set(day, [...(byDay.get(day) || []), occurrence]);
  }
  const heads = Array.from({ length: 7 }, (_, index) => h("span", { class: "weekday" }, words.dayOf(first + index, { weekday: "short" })));
  const cells = Array.from({ length: 42 }, (_, index) => dayCell(first + index, month, byDay.get(first + index) || [], openDay));
  return h("div", { class: "month" }, h("div", { class: "weekdays" }, heads), h("div", { class: "cells" }, cells));
}

function dayCell(count, month, occurrences, openDay) {
  const day = dates.fromNumber(count);
  const shown = occurrences.length > MOST_LABELS ? occurrences.slice(0, MOST_LABELS - 1) : occurrences;
  const names = ["cell"];
  if (day.month !== month.month) names.push("outside");
  if (count === words.today()) names.push("today");
  const spoken = `${words.dayOf(count, { month: "long", day: "numeric" })}${occurrences.length ? `, ${occurrences.length} event${occurrences.length === 1 ? "" : "s"}` : ""}`;
  return h("button", { class: names.join(" "), label: spoken, onclick: () => openDay(count) },
    h("span", { class: "cell-day" }, String(day.day)),
    shown.map((occurrence) => h("span", { class: recurrence.isAllDay(occurrence.event) ? "cell-event whole" : "cell-event" }, words.title(occurrence.event))),
    occurrences.length > shown.length ? h("span", { class: "cell-more" }, `+${occurrences.length - shown.length}`) : null);
}
