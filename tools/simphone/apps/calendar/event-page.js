// The form of an event, new or there already; `occurrence` is the one that was opened.
"use strict";

function eventPage(given, occurrence = null) {
  const isNew = !given.id;
  const draft = { ...events.COLUMNS, ...given };
  let from = dates.parts(occurrence ? occurrence.start : draft.start_ts * 1000);
  let to = dates.parts(occurrence ? occurrence.end : draft.end_ts * 1000);
  let allDay = (draft.flags & events.ALL_DAY) === 1;

  const title = h("input", { class: "event-title", placeholder: "Title", "data-id": "event_title", dir: "auto" });
  const place = h("input", { class: "field-input", placeholder: "Location", "data-id": "event_location", dir: "auto" });
  const description = h("textarea", { class: "field-input", placeholder: "Description", rows: 1, "data-id": "event_description", dir: "auto", oninput: grow });
  title.value = draft.title;
  place.value = draft.location;
  description.value = draft.description;
  const form = h("div", { class: "event-form" });
  const page = h("div", { class: "ui-screen" },
    h("header", { class: "ui-bar" },
      backButton(close),
      h("div", { class: "titles" }, h("h1", {}, isNew ? "New Event" : "Edit Event")),
      isNew ? null : h("button", { class: "ui-icon-button", label: "Delete", onclick: remove }, icon("delete")),
      isNew ? null : h("button", { class: "ui-icon-button", label: "Duplicate event", onclick: duplicate }, icon("copy")),
      h("button", { class: "ui-icon-button", label: "Save", "data-id": "save", onclick: save }, icon("check"))),
    h("div", { class: "ui-body form" }, title,
      h("label", { class: "field" }, h("span", { class: "field-icon" }, icon("place")), place),
      h("label", { class: "field" }, h("span", { class: "field-icon" }, icon("note")), description),
      form));
  const before = JSON.stringify(values());
  draw();

  function grow() {
    description.style.height = "auto";
    description.style.height = `${description.scrollHeight}px`;
  }

  function seconds(civil, hour = civil.hour, minute = civil.minute) {
    return Math.floor(dates.ms({ ...civil, hour, minute, second: 0 }) / 1000);
  }

  // The columns as the form says. A whole day lasts from midnight to noon of its last day, as Simple Calendar writes it.
  function values() {
    return {
      ...draft, title: title.value.trim(), location: place.value.trim(), description: description.value.trim(),
      start_ts: allDay ? seconds(from, 0, 0) : seconds(from), end_ts: allDay ? seconds(to, 12, 0) : seconds(to),
      flags: allDay ? draft.flags | events.ALL_DAY : draft.flags & ~events.ALL_DAY,
    };
  }

  function moveStart(next) {
    const shift = dates.ms({ ...next, second: 0 }) - dates.ms({ ...from, second: 0 });
    to = dates.parts(dates.ms({ ...to, second: 0 }) + shift);
    const day = (civil) => 1 << (dates.weekday(dates.number(civil)) - 1);
    const repeat = recurrence.unitOf(draft.repeat_interval);
    if (repeat && repeat.unit === "week" && draft.repeat_rule === day(from)) draft.repeat_rule = day(next);
    from = dates.parts(dates.ms(next));
    draw();
  }

  async function pickDate(civil, apply) {
    const picked = await ui.datePicker(civil);
    if (picked) apply({ ...civil, ...picked });
  }

  async function pickClock(civil, apply) {
    const picked = await ui.timePicker({ hour: civil.hour, minute: civil.minute });
    if (picked) apply({ ...civil, hour: picked.hour, minute: picked.minute });
  }

  function setEnd(next) {
    to = dates.parts(dates.ms(next));
    draw();
  }

  function whenRow(civil, name, apply) {
    const day = dates.dayText(civil, { weekday: "short", month: "long", day: "numeric", year: "numeric" });
    return h("div", { class: "when-row" },
      h("button", { class: "when-date", label: `${name} date, ${day}`, "data-id": `event_${name.toLowerCase()}_date`, onclick: () => pickDate(civil, apply) }, day),
      allDay ? null : h("button", { class: "when-time", label: `${name} time, ${dates.clockText(civil.hour, civil.minute)}`, "data-id": `event_${name.toLowerCase()}_time`, onclick: () => pickClock(civil, apply) },
        dates.clockText(civil.hour, civil.minute)));
  }

  async function setReminder(index) {
    const minutes = await pickReminder(draft[`reminder_${index}_minutes`]);
    if (minutes === null) return;
    const all = [1, 2, 3].map((each) => (each === index ? minutes : draft[`reminder_${each}_minutes`])).filter((each) => each >= 0);
    for (const each of [1, 2, 3]) draft[`reminder_${each}_minutes`] = all[each - 1] ?? -1;
    draw();
  }

  function reminderRows() {
    const set = events.reminders(draft);
    const row = (text, index, first) => optionRow(first ? "bell" : null, text, () => setReminder(index), text === "Add another reminder" ? "quiet" : "");
    const rows = set.map((minutes, position) => row(events.reminderText(minutes), position + 1, position === 0));
    if (!set.length) rows.push(row("Add reminder", 1, true));
    else if (set.length < 3) rows.push(row("Add another reminder", set.length + 1, false));
    return rows;
  }

  function optionRow(sign, text, run, kind = "") {
    return h("button", { class: `option-row ${kind}`, onclick: run }, h("span", { class: "field-icon" }, sign ? icon(sign) : null), h("span", { class: "grow" }, text));
  }

  async function changeRepeat(change) {
    const next = await change(draft, from);
    if (next) Object.assign(draft, next);
    draw();
  }

  function repeatRows() {
    const rows = [optionRow("repeat", recurrence.text(draft), () => changeRepeat(pickRepetition))];
    if (!draft.repeat_interval) return rows;
    const rule = ruleText(draft, from);
    if (rule) rows.push(optionRow(null, `Repeat on: ${rule}`, () => changeRepeat(pickRule)));
    rows.push(optionRow(null, `Repeat till: ${limitText(draft)}`, () => changeRepeat(pickLimit)));
    return rows;
  }

  function draw() {
    const toggle = () => { allDay = !allDay; draw(); };
    fill(form,
      h("div", { class: "option-row" }, h("span", { class: "field-icon" }, icon("clock")), h("span", { class: "grow" }, "All-day"), toggleSwitch(allDay, "All-day", toggle)),
      whenRow(from, "Start", moveStart), whenRow(to, "End", setEnd),
      h("hr"), reminderRows(), h("hr"), repeatRows());
  }

  function problem(row) {
    if (!row.title) return "Title cannot be empty";
    if (row.end_ts < row.start_ts) return "The event cannot end earlier than it starts";
    return "";
  }

  async function save() {
    const row = values();
    const wrong = problem(row);
    if (wrong) {
      phone.toast(wrong);
      return;
    }
    if (!isNew && given.repeat_interval && occurrence) {
      if (!(await saveRepeated(row))) return;
    } else await events.save(row);
    phone.toast(isNew ? "New event added successfully" : "Event updated successfully");
    await pages.remove(page);
  }

  // False when the question was not answered.
  async function saveRepeated(row) {
    const scope = await choose("The event is repeatable. Update…", SCOPES);
    if (!scope) return false;
    if (scope === SCOPES[0]) {
      await events.leaveOut(given, occurrence.day);
      await events.save({ ...row, id: 0, import_id: "", parent_id: given.id, repeat_interval: 0, repeat_rule: 0, repeat_limit: 0, repetition_exceptions: "[]" });
    } else if (scope === SCOPES[1]) {
      await events.endBefore(given, occurrence.start);
      await events.save({ ...row, id: 0, import_id: "", repetition_exceptions: "[]" });
    } else await events.save({ ...row, ...movedSeries(row) });
    return true;
  }

  // Where the whole series begins and ends when one occurrence was moved to what the form says.
  function movedSeries(row) {
    const days = dates.number(from) - occurrence.day;
    const first = dates.fromNumber(dates.number(dates.parts(given.start_ts * 1000)) + days);
    const start = allDay ? seconds(first, 0, 0) : seconds({ ...first, hour: from.hour, minute: from.minute });
    return { start_ts: start, end_ts: start + row.end_ts - row.start_ts };
  }

  async function remove() {
    if (given.repeat_interval && occurrence) {
      const scope = await choose("The event is repeatable. Delete…", SCOPES);
      if (!scope) return;
      if (scope === SCOPES[0]) await events.leaveOut(given, occurrence.day);
      else if (scope === SCOPES[1]) await events.endBefore(given, occurrence.start);
      else await events.remove(given.id);
    } else {
      if (!(await confirm("Delete event?", `“${words.title(given)}” will be deleted.`, "Delete"))) return;
      await events.remove(given.id);
    }
    phone.toast("Event deleted");
    await pages.remove(page);
  }

  async function duplicate() {
    const { id, import_id, parent_id, ...rest } = values();
    await pages.replace(eventPage(rest));
  }

  async function close() {
    if (JSON.stringify(values()) !== before) {
      const answer = await choose("You have unsaved changes.", ["Save", "Discard"]);
      if (!answer) return;
      if (answer === "Save") {
        await save();
        return;
      }
    }
    await pages.remove(page);
  }

  function back() {
    close();
    return true;
  }

  return { node: page, back, refresh() {}, opened: () => { grow(); if (isNew) title.focus(); }, activity: "com.simplemobiletools.calendar.pro.activities.EventActivity" };
}

const SCOPES = ["The selected occurrence only", "This and all future occurrences", "All occurrences"];
