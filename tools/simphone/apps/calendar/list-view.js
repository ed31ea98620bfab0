// Events as rows: those of one day, and what lies ahead day by day.
"use strict";

function eventRow(occurrence, openEvent) {
  const { event } = occurrence;
  const second = [event.location, event.description].filter(Boolean).join(" • ");
  return h("button", { class: `event-row${occurrence.end < phone.now().getTime() ? " past" : ""}`, onclick: () => openEvent(occurrence) },
    h("span", { class: "event-bar" }),
    h("span", { class: "texts" },
      h("span", { class: "title", dir: "auto" }, words.title(event)),
      h("span", { class: "event-time" }, words.span(occurrence), event.repeat_interval ? icon("repeat") : null),
      second ? h("span", { class: "text", dir: "auto" }, second) : null));
}

function dayView(count, list, openEvent) {
  const occurrences = recurrence.all(list, dayMs(count), dayMs(count + 1));
  return h("div", { class: "ui-body has-fab" }, occurrences.length ? occurrences.map((each) => eventRow(each, openEvent)) : emptyNote("calendar", "No events on this day", "Tap + to add one."));
}

function agendaView(list, openEvent, wanted = "") {
  const today = words.today();
  const low = wanted.toLocaleLowerCase();
  const [from, to] = wanted ? [today - 366, today + 366] : [today, today + 366];
  const fitting = wanted ? list.filter((event) => [event.title, event.location, event.description].some((text) => text.toLocaleLowerCase().includes(low))) : list;
  const occurrences = recurrence.all(fitting, dayMs(from), dayMs(to)).slice(0, 300);
  const nodes = [];
  let last = null;
  for (const occurrence of occurrences) {
    const day = wanted ? occurrence.day : Math.max(today, occurrence.day);
    if (day !== last) nodes.push(h("div", { class: "ui-section" }, words.dayName(day)));
    last = day;
    nodes.push(eventRow(occurrence, openEvent));
  }
  const empty = wanted ? emptyNote("search", "No events found", `Nothing matches “${wanted}”.`) : emptyNote("calendar", "No upcoming events", "Tap + to add one.");
  return h("div", { class: "ui-body has-fab" }, nodes.length ? nodes : empty);
}
