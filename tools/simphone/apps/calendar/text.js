// Words for occurrences and days.
"use strict";

const words = (() => {
  const LONG = { weekday: "long", month: "long", day: "numeric" };

  function dayOf(count, options = LONG) {
    return dates.dayText(dates.fromNumber(count), options);
  }

  function today() {
    return dates.number(dates.parts(phone.now().getTime()));
  }

  function dayName(count) {
    const ahead = count - today();
    const near = { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[ahead];
    const year = dates.fromNumber(count).year === dates.fromNumber(today()).year ? {} : { year: "numeric" };
    return near ? `${near}, ${dayOf(count, { month: "long", day: "numeric", ...year })}` : dayOf(count, { ...LONG, ...year });
  }

  // "All day", "14:00" or "14:00 - 15:30", with days where it ends on another one.
  function span(occurrence) {
    const last = dates.number(dates.parts(occurrence.end));
    if (recurrence.isAllDay(occurrence.event)) return last > occurrence.day ? `${dayOf(occurrence.day, { month: "short", day: "numeric" })} - ${dayOf(last, { month: "short", day: "numeric" })}` : "All day";
    const start = dates.timeText(occurrence.start), end = dates.timeText(occurrence.end);
    if (occurrence.end === occurrence.start) return start;
    return last > occurrence.day ? `${start} - ${end} (${dayOf(last, { month: "short", day: "numeric" })})` : `${start} - ${end}`;
  }

  function title(event) {
    return event.title || "(No title)";
  }

  return { dayOf, dayName, today, span, title };
})();
