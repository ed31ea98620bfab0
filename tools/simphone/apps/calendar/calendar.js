// The app: one of four views of the events, a search, and the look at reminders that are due.
"use strict";

const MAIN_ACTIVITY = "com.simplemobiletools.calendar.pro.activities.MainActivity";
const VIEWS = { month: "Monthly view", week: "Weekly view", day: "Daily view", list: "Simple event list" };

function openEvent(occurrence) {
  return pages.push(eventPage(occurrence.event, occurrence));
}

// A new event of an hour, at the next full hour or at the one given.
function newEvent(count, hour = null, more = {}) {
  const now = dates.parts(phone.now().getTime());
  const next = hour === null ? (count === words.today() || now.hour < 23 ? now.hour + 1 : 12) : hour;
  const start = Math.floor(dates.ms({ ...dates.fromNumber(count + (next > 23 ? 1 : 0)), hour: next % 24 }) / 1000);
  return pages.push(eventPage({ start_ts: start, end_ts: start + 3600, ...more }));
}

function calendarPage() {
  let view = "month", day = words.today(), all = [];
  let searching = null;
  const body = h("div", { class: "grow view" });
  const head = h("div", { class: "head-bar" });
  const page = h("div", { class: "ui-screen" }, head, body,
    h("button", { class: "ui-fab", label: "New Event", "data-id": "calendar_fab", onclick: () => newEvent(view === "list" ? words.today() : day) }, icon("add")));
  page.addEventListener("touchstart", begin, { passive: true });
  page.addEventListener("touchend", end, { passive: true });
  let touched = null;

  function begin(event) {
    touched = event.touches.length === 1 ? event.touches[0] : null;
  }

  function end(event) {
    if (!touched || view === "list" || searching !== null) return;
    const last = event.changedTouches[0];
    const dx = last.clientX - touched.clientX, dy = last.clientY - touched.clientY;
    if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) step(dx < 0 ? 1 : -1);
  }

  function step(by) {
    if (view === "month") day = dates.number(dates.addMonths({ ...dates.fromNumber(day), day: 1 }, by));
    else day += (view === "week" ? 7 : 1) * by;
    draw();
  }

  function headText() {
    const civil = dates.fromNumber(day);
    if (view === "month") return dates.dayText(civil, { month: "long", year: "numeric" });
    if (view === "day") return words.dayOf(day, { weekday: "short", month: "long", day: "numeric" });
    if (view === "list") return "Events";
    const first = firstOfWeek(day);
    const same = dates.fromNumber(first).month === dates.fromNumber(first + 6).month;
    return `${words.dayOf(first, { month: "short", day: "numeric" })} - ${words.dayOf(first + 6, same ? { day: "numeric" } : { month: "short", day: "numeric" })}`;
  }

  function unit() {
    return { month: "month", week: "week", day: "day" }[view];
  }

  async function changeView(event) {
    const picked = await menu(event.currentTarget, Object.values(VIEWS));
    if (!picked) return;
    view = Object.keys(VIEWS).find((name) => VIEWS[name] === picked);
    draw();
  }

  async function goTo() {
    const picked = await ui.datePicker(dates.fromNumber(day));
    if (!picked) return;
    day = dates.number(picked);
    draw();
  }

  function drawHead() {
    if (searching !== null) {
      const search = ui.searchField({ placeholder: "Search events", value: searching, oninput: (text) => { searching = text; drawBody(); } });
      fill(head, h("div", { class: "ui-bar" }, backButton(), search));
      search.input.focus();
      return;
    }
    fill(head,
      h("header", { class: "ui-bar" }, h("div", { class: "titles" }, h("h1", {}, "Calendar")),
        h("button", { class: "ui-icon-button", label: "Search", onclick: () => { searching = ""; draw(); } }, icon("search")),
        h("button", { class: "ui-icon-button", label: "Go to today", onclick: () => { day = words.today(); draw(); } }, icon("today")),
        h("button", { class: "ui-icon-button", label: "Change view", onclick: changeView }, icon("grid"))),
      view === "list" ? null : h("div", { class: "stepper" },
        h("button", { class: "ui-icon-button", label: `Previous ${unit()}`, onclick: () => step(-1) }, icon("chevron-left")),
        h("button", { class: "stepper-text", label: headText(), onclick: goTo }, headText()),
        h("button", { class: "ui-icon-button", label: `Next ${unit()}`, onclick: () => step(1) }, icon("chevron-right"))));
  }

  function openDay(count) {
    day = count;
    view = "day";
    draw();
  }

  function drawBody() {
    if (searching !== null) fill(body, searching.trim() ? agendaView(all, openEvent, searching.trim()) : emptyNote("search", "Search events", "By title, location or description."));
    else if (view === "month") fill(body, monthView(dates.fromNumber(day), all, openDay));
    else if (view === "week") fill(body, weekView(day, all, { openEvent, openDay, newAt: (count, hour) => newEvent(count, hour) }));
    else if (view === "day") fill(body, dayView(day, all, openEvent));
    else fill(body, agendaView(all, openEvent));
  }

  function draw() {
    drawHead();
    drawBody();
  }

  async function refresh() {
    all = await events.all();
    draw();
  }

  function back() {
    if (searching !== null) searching = null;
    else if (view === "day") view = "month";
    else return false;
    draw();
    return true;
  }

  return { node: page, refresh, back, openDay, activity: MAIN_ACTIVITY, day: () => day };
}

const reminding = (() => {
  let last = null, looking = false, list = null;

  function changed() {
    list = null;
  }

  // Tell of what is due since the last look.
  async function look() {
    const now = phone.now().getTime();
    if (looking) return;
    looking = true;
    try {
      const since = last === null || now < last ? now : last;
      last = now;
      for (const occurrence of since < now ? events.due((list ??= await events.all()), since, now) : []) {
        await phone.notify(words.title(occurrence.event), `${words.span(occurrence)}${occurrence.event.location ? `, ${occurrence.event.location}` : ""}`);
      }
    } finally {
      looking = false;
    }
  }

  return { look, changed };
})();

// A day and hour from an intent's extras, in milliseconds.
async function receive({ action = "", data = "", extras = {} }) {
  const kind = action.split(".").pop();
  const given = extras || {};
  if (kind === "INSERT") {
    await pages.reset(main);
    const begin = Number(given.beginTime) || 0, end = Number(given.endTime) || 0;
    const more = { title: given.title || "", location: given.eventLocation || "", description: given.description || "" };
    if (given.allDay === true || given.allDay === "true") more.flags = events.ALL_DAY;
    if (begin) Object.assign(more, { start_ts: Math.floor(begin / 1000), end_ts: Math.floor((end || begin + 3600000) / 1000) });
    await newEvent(main.day(), null, more);
    return;
  }
  const [, what, number] = (data || "").match(/com\.android\.calendar\/(events|time)\/(\d+)/) || [];
  const event = what === "events" ? await events.one(Number(number)) : null;
  if (event) await pages.reset(main, eventPage(event, recurrence.between(event, event.start_ts * 1000, event.start_ts * 1000 + 1)[0] || null));
  else if (what === "time") {
    await pages.reset(main);
    main.openDay(dates.number(dates.parts(Number(number))));
  } else if (!pages.depth) await pages.reset(main);
}

let main;

phone.ready.then(async () => {
  await events.open();
  main = calendarPage();
  phone.onIntent(receive);
  onFiles([events.PATH], () => { reminding.changed(); return pages.refresh(); });
  phone.every(1000, reminding.look);
  await receive(phone.intent);
  await reminding.look();
});
