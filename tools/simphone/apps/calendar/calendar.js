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
  const page = h("div", { class: "page" }, head, body,
    h("button", { class: "round-button fab", label: "New Event", "data-id": "calendar_fab", onclick: () => newEvent(day) }, svg(icons.plus)));
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
    const picked = await pickDay(dates.fromNumber(day));
    if (!picked) return;
    day = dates.number(picked);
    draw();
  }

  function drawHead() {
    if (searching !== null) {
      const input = h("input", { class: "search-input", placeholder: "Search", label: "Search", oninput: () => { searching = input.value; drawBody(); } });
      input.value = searching;
      fill(head, h("div", { class: "search-bar" }, h("button", { class: "icon-button", label: "Close search", onclick: back }, svg(icons.back)), input));
      input.focus();
      return;
    }
    fill(head,
      h("header", { class: "bar" }, h("h1", { class: "title" }, "Calendar"),
        h("button", { class: "icon-button", label: "Search", onclick: () => { searching = ""; draw(); } }, svg(icons.search)),
        h("button", { class: "icon-button", label: "Go to today", onclick: () => { day = words.today(); draw(); } }, svg(icons.today)),
        h("button", { class: "icon-button", label: "Change view", onclick: changeView }, svg(icons.view))),
      view === "list" ? null : h("div", { class: "stepper" },
        h("button", { class: "icon-button", label: `Previous ${unit()}`, onclick: () => step(-1) }, svg(icons.left)),
        h("button", { class: "stepper-text", label: headText(), onclick: goTo }, headText()),
        h("button", { class: "icon-button", label: `Next ${unit()}`, onclick: () => step(1) }, svg(icons.right))));
  }

  function openDay(count) {
    day = count;
    view = "day";
    draw();
  }

  function drawBody() {
    if (searching !== null) fill(body, searching.trim() ? agendaView(all, openEvent, searching.trim()) : emptyNote(icons.search, "Search events", "By title, location or description."));
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
