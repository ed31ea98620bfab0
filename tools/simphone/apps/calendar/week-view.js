// Seven days side by side, an hour 52 units high; events that overlap share the width.
"use strict";

const HOUR_HEIGHT = 52;

function weekView(day, list, { openEvent, openDay, newAt }) {
  const first = firstOfWeek(day);
  const occurrences = recurrence.all(list, dayMs(first), dayMs(first + 7));
  const days = Array.from({ length: 7 }, (_, index) => first + index);
  const heads = days.map((count) => h("button", { class: count === words.today() ? "week-head today" : "week-head", label: words.dayOf(count), onclick: () => openDay(count) },
    h("small", {}, words.dayOf(count, { weekday: "narrow" })), h("b", {}, String(dates.fromNumber(count).day))));
  const whole = occurrences.filter((occurrence) => recurrence.isAllDay(occurrence.event));
  const timed = occurrences.filter((occurrence) => !recurrence.isAllDay(occurrence.event));
  const wholeRow = whole.length ? h("div", { class: "week-whole" }, h("span", { class: "week-hours" }), days.map((count) => h("div", { class: "week-whole-day" },
    whole.filter((each) => each.day <= count && dates.number(dates.parts(each.end)) >= count).map((each) => h("button", { class: "week-event", onclick: () => openEvent(each) }, words.title(each.event)))))) : null;
  const hours = h("div", { class: "week-hours" }, Array.from({ length: 24 }, (_, hour) => h("span", { style: `top:${hour * HOUR_HEIGHT}px` }, hour ? dates.clockText(hour, 0).replace(":00 ", " ") : "")));
  const columns = days.map((count) => h("div", { class: "week-day", onclick: (event) => { if (event.target === event.currentTarget) newAt(count, Math.floor(event.offsetY / HOUR_HEIGHT)); } },
    blocks(count, timed).map((block) => h("button", { class: "week-event", style: block.style, label: `${words.title(block.occurrence.event)}, ${words.span(block.occurrence)}`, onclick: () => openEvent(block.occurrence) },
      h("span", {}, words.title(block.occurrence.event)))), nowLine(count)));
  const body = h("div", { class: "ui-body week-body" }, h("div", { class: "week-grid", style: `height:${24 * HOUR_HEIGHT}px` }, hours, columns));
  requestAnimationFrame(() => { body.scrollTop = 7 * HOUR_HEIGHT - 8; });
  return h("div", { class: "week" }, h("div", { class: "week-heads" }, h("span", { class: "week-hours" }), heads), wholeRow, body);
}

function nowLine(count) {
  if (count !== words.today()) return null;
  const now = dates.parts(phone.now().getTime());
  return h("i", { class: "now-line", style: `top:${(now.hour + now.minute / 60) * HOUR_HEIGHT}px` });
}

// Where a day's events stand: those that overlap get lanes beside each other.
function blocks(count, occurrences) {
  const start = dayMs(count), end = dayMs(count + 1);
  const here = occurrences.filter((each) => each.start < end && (each.end > start || (each.start === each.end && each.start >= start)));
  const lanes = [];
  const placed = here.map((occurrence) => {
    const from = Math.max(occurrence.start, start), to = Math.max(from + 30 * 60000, Math.min(occurrence.end, end));
    let lane = lanes.findIndex((free) => free <= from);
    if (lane < 0) lane = lanes.push(0) - 1;
    lanes[lane] = to;
    return { occurrence, from, to, lane };
  });
  return placed.map((block) => {
    const beside = placed.filter((other) => other.from < block.to && other.to > block.from);
    const width = 100 / (Math.max(...beside.map((other) => other.lane)) + 1);
    const top = ((block.from - start) / 3600000) * HOUR_HEIGHT, height = ((block.to - block.from) / 3600000) * HOUR_HEIGHT;
    return { occurrence: block.occurrence, style: `top:${top}px;height:${height - 1}px;left:${block.lane * width}%;width:calc(${width}% - 1px)` };
  });
}
