// The world clock: the time here, and in cities that were added.
"use strict";

const worldTab = (() => {
  const CITIES = [
    ["Amsterdam", "Europe/Amsterdam"], ["Anchorage", "America/Anchorage"], ["Athens", "Europe/Athens"], ["Auckland", "Pacific/Auckland"],
    ["Bangkok", "Asia/Bangkok"], ["Barcelona", "Europe/Madrid"], ["Beijing", "Asia/Shanghai"], ["Berlin", "Europe/Berlin"],
    ["Bogotá", "America/Bogota"], ["Boston", "America/New_York"], ["Brussels", "Europe/Brussels"], ["Buenos Aires", "America/Argentina/Buenos_Aires"],
    ["Cairo", "Africa/Cairo"], ["Cape Town", "Africa/Johannesburg"], ["Chicago", "America/Chicago"], ["Copenhagen", "Europe/Copenhagen"],
    ["Dakar", "Africa/Dakar"], ["Delhi", "Asia/Kolkata"], ["Denver", "America/Denver"], ["Dhaka", "Asia/Dhaka"], ["Dubai", "Asia/Dubai"],
    ["Dublin", "Europe/Dublin"], ["Halifax", "America/Halifax"], ["Hanoi", "Asia/Ho_Chi_Minh"], ["Havana", "America/Havana"],
    ["Helsinki", "Europe/Helsinki"], ["Hong Kong", "Asia/Hong_Kong"], ["Honolulu", "Pacific/Honolulu"], ["Istanbul", "Europe/Istanbul"],
    ["Jakarta", "Asia/Jakarta"], ["Jerusalem", "Asia/Jerusalem"], ["Karachi", "Asia/Karachi"], ["Kathmandu", "Asia/Kathmandu"],
    ["Lagos", "Africa/Lagos"], ["Lima", "America/Lima"], ["Lisbon", "Europe/Lisbon"], ["London", "Europe/London"], ["Los Angeles", "America/Los_Angeles"],
    ["Madrid", "Europe/Madrid"], ["Manila", "Asia/Manila"], ["Melbourne", "Australia/Melbourne"], ["Mexico City", "America/Mexico_City"],
    ["Montevideo", "America/Montevideo"], ["Montréal", "America/Toronto"], ["Nairobi", "Africa/Nairobi"], ["New York", "America/New_York"],
    ["Oslo", "Europe/Oslo"], ["Paris", "Europe/Paris"], ["Perth", "Australia/Perth"], ["Prague", "Europe/Prague"], ["Reykjavík", "Atlantic/Reykjavik"],
    ["Rio de Janeiro", "America/Sao_Paulo"], ["Rome", "Europe/Rome"], ["San Francisco", "America/Los_Angeles"], ["Santiago", "America/Santiago"],
    ["São Paulo", "America/Sao_Paulo"], ["Seoul", "Asia/Seoul"], ["Shanghai", "Asia/Shanghai"], ["Singapore", "Asia/Singapore"],
    ["Stockholm", "Europe/Stockholm"], ["Sydney", "Australia/Sydney"], ["Taipei", "Asia/Taipei"], ["Tehran", "Asia/Tehran"], ["Tokyo", "Asia/Tokyo"],
    ["Toronto", "America/Toronto"], ["Vancouver", "America/Vancouver"], ["Vienna", "Europe/Vienna"], ["Warsaw", "Europe/Warsaw"],
    ["Wellington", "Pacific/Auckland"], ["Zurich", "Europe/Zurich"],
  ];
  let root, rows = [];

  // "Today, 3 hours ahead", or "Tomorrow" and so on, of a city against here.
  function differenceText(zone, now) {
    const here = dates.parts(now), there = dates.parts(now, zone);
    const days = dates.number(there) - dates.number(here);
    const minutes = days * 1440 + (there.hour - here.hour) * 60 + there.minute - here.minute;
    const day = { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[days];
    if (minutes === 0) return `${day}, same time`;
    const size = Math.abs(minutes);
    const text = size % 60 ? `${Math.floor(size / 60)} h ${size % 60} min` : `${size / 60} ${size === 60 ? "hour" : "hours"}`;
    return `${day}, ${text} ${minutes > 0 ? "ahead" : "behind"}`;
  }

  async function refresh() {
    if (!root) return;
    rows = await timers.cities();
    draw();
  }

  function bigTime(text) {
    const [time, half] = text.split(" ");
    return h("div", { class: "here-time", label: text }, time, half ? h("small", {}, half) : null);
  }

  function draw() {
    if (!root) return;
    const now = phone.now().getTime();
    const here = h("div", { class: "here" },
      bigTime(dates.timeText(now)),
      h("div", { class: "here-date" }, dates.dayText(dates.parts(now), { weekday: "short", month: "short", day: "numeric" })));
    const list = rows.map((city) => h("div", { class: "city" },
      h("div", { class: "grow" }, h("div", { class: "city-name" }, city.name), h("div", { class: "quiet" }, differenceText(city.zone, now))),
      h("div", { class: "city-time" }, dates.timeText(now, city.zone)),
      h("button", { class: "ui-icon-button", label: `Remove ${city.name}`, onclick: () => remove(city) }, icon("close"))));
    fill(root, here, list.length ? list : h("p", { class: "quiet centred" }, "Add a city to see its time here."));
  }

  async function remove(city) {
    await timers.removeCity(city._id);
    await refresh();
    phone.toast(`${city.name} removed`);
  }

  function add() {
    const page = cityPage(async (name, zone) => {
      await timers.addCity(name, zone);
      await refresh();
    });
    pages.push(page);
  }

  function cityPage(choose) {
    const list = h("div", { class: "ui-body", role: "list" });
    const search = ui.searchField({ placeholder: "Search for a city", oninput: () => update() });
    const input = search.input;
    function update() {
      const wanted = plain(input.value.trim());
      const fitting = CITIES.filter(([name]) => plain(name).includes(wanted));
      const now = phone.now().getTime();
      fill(list, fitting.length
        ? fitting.map(([name, zone]) => h("button", { class: "city pick", onclick: () => { choose(name, zone); pages.pop(); } },
          h("span", { class: "grow city-name" }, name), h("span", { class: "quiet" }, dates.timeText(now, zone))))
        : h("p", { class: "quiet centred" }, "No city of that name"));
    }
    update();
    const node = h("div", { class: "ui-screen" },
      h("div", { class: "ui-bar" }, backButton(), search), list);
    return { node, opened: () => input.focus() };
  }

  function plain(text) {
    return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  }

  async function show(node) {
    root = node;
    await refresh();
  }

  return { show, refresh, tick: draw, hide: () => { root = null; }, add };
})();
