// Favourites, recent calls and contacts: what the app's three tabs show.
"use strict";

const calls = {
  // Runs of calls of one kind with one number, the newest first: {number, type, date, ids, count, duration, name}.
  async grouped(contacts, missedOnly) {
    const rows = await people.sql(people.CALLS, "SELECT * FROM calls ORDER BY date DESC, _id DESC");
    const groups = [];
    for (const row of rows) {
      if (missedOnly && row.type !== people.MISSED) continue;
      const last = groups.at(-1);
      if (last && last.type === row.type && people.sameNumber(last.number, row.number)) {
        last.ids.push(row._id);
      } else {
        const contact = people.find(contacts, row.number);
        groups.push({ ...row, ids: [row._id], name: contact ? contact.display_name : row.name || row.number || "Unknown" });
      }
    }
    return groups;
  },
  async history(number) {
    const rows = await people.sql(people.CALLS, "SELECT * FROM calls ORDER BY date DESC, _id DESC");
    return rows.filter((row) => people.sameNumber(row.number, number));
  },
  remove(ids) {
    return people.sql(people.CALLS, `DELETE FROM calls WHERE _id IN (${ids.map(() => "?").join(", ")})`, ids);
  },
  clear() {
    return people.sql(people.CALLS, "DELETE FROM calls");
  },
  seen() {
    return people.sql(people.CALLS, "UPDATE calls SET new = 0 WHERE new != 0");
  },
  words: { 1: "Incoming call", 2: "Outgoing call", 3: "Missed call", 5: "Declined call" },
  icon(type) {
    return { 1: "call-received", 2: "call-made" }[type] || 'call-missed';
  },
};

async function favouritesTab(root) {
  const starred = (await people.all()).filter((contact) => contact.starred && contact.number);
  if (!starred.length) {
    fill(root, emptyNote("star", "No favorites yet", "Star a contact in Contacts to call it from here."));
    return;
  }
  fill(root, h("div", { class: "tiles" }, starred.map((contact) => h("button", { class: "tile", label: `Call ${contact.display_name}`, onclick: () => place(contact.number) },
    people.avatar(contact.display_name, true), h("span", { class: "tile-name" }, contact.display_name), h("span", { class: "quiet" }, contact.number_type || "Mobile")))));
}

let missedOnly = false, openCall = null;

async function recentsTab(root) {
  const contacts = await people.all();
  const groups = await calls.grouped(contacts, missedOnly);
  if (inFront()) {
    await calls.seen();
    await dismissTitled("Missed call");
  }
  const filter = (text, on, value) => h("button", { class: on ? "chip on" : "chip", role: "tab", "aria-selected": String(on), onclick: () => { missedOnly = value; app.refresh(); } }, text);
  const chips = h("div", { class: "chips" }, filter("All", !missedOnly, false), filter("Missed", missedOnly, true));
  fill(root, chips, groups.length ? groups.map(recentRow) : emptyNote("history", missedOnly ? "No missed calls" : "Your call history is empty", "Calls that you make and get appear here."));
}

function recentRow(group) {
  const missed = group.type === people.MISSED;
  const name = group.ids.length > 1 ? `${group.name} (${group.ids.length})` : group.name;
  const open = openCall === group._id;
  const toggle = () => {
    openCall = open ? null : group._id;
    app.refresh();
  };
  const row = h("div", { class: `ui-row line call${missed ? " missed" : ""}` },
    h("button", { class: "row-button", onclick: toggle, label: `${name}, ${calls.words[group.type] || "Call"}, ${people.when(group.date)}` },
      people.avatar(group.name),
      h("span", { class: "texts" },
        h("span", { class: "title" }, name),
        h("span", { class: "text" }, icon(calls.icon(group.type)), h("span", {}, `${calls.words[group.type] || "Call"} • ${people.when(group.date)}`)))),
    h("button", { class: "ui-icon-button", label: `Call ${group.name}`, onclick: () => place(group.number) }, icon("phone")));
  return open ? h("div", { class: "open-call" }, row, callActions(group)) : row;
}

function callActions(group) {
  const entry = (text, sign, onclick) => h("button", { class: "call-action", onclick }, icon(sign), h("span", {}, text));
  const known = group.name !== group.number;
  return h("div", { class: "call-actions" },
    h("div", { class: "quiet" }, `${group.number}${group.duration ? ` • ${people.durationText(group.duration)}` : ""}`),
    h("div", { class: "call-action-row" },
      known ? null : entry("Add contact", "person-add", () => phone.start({ action: "android.intent.action.INSERT", mime: "vnd.android.cursor.dir/contact", extras: { phone: group.number } })),
      entry("Message", "message", () => phone.start({ action: "android.intent.action.SENDTO", data: `smsto:${encodeURIComponent(group.number)}` })),
      entry("History", "history", () => pages.push(historyPage(group))),
      entry("Delete", "delete", async () => { await calls.remove(group.ids); openCall = null; await app.refresh(); })));
}

function historyPage(group) {
  const list = h("div", { class: "ui-body" });
  async function refresh() {
    fill(list, (await calls.history(group.number)).map((row) => h("div", { class: `ui-row line${row.type === people.MISSED ? " missed" : ""}` },
      icon(calls.icon(row.type)),
      h("span", { class: "texts" }, h("span", { class: "title" }, calls.words[row.type] || "Call"),
        h("span", { class: "text" }, callTime(row.date))),
      h("span", { class: "quiet" }, row.duration ? people.durationText(row.duration) : ""))));
  }
  const page = h("div", { class: "ui-screen" },
    h("header", { class: "ui-bar" }, backButton(), h("div", { class: "titles" }, h("h1", {}, "Call details"))),
    h("div", { class: "ui-row line" }, people.avatar(group.name), h("span", { class: "texts" }, h("span", { class: "title" }, group.name), h("span", { class: "text" }, group.number))),
    list);
  refresh();
  return { node: page, refresh };
}

async function contactsTab(root) {
  const contacts = await people.all();
  const create = h("button", { class: "ui-row line", onclick: () => phone.start({ action: "android.intent.action.INSERT", mime: "vnd.android.cursor.dir/contact" }) },
    h("span", { class: "avatar plain" }, icon("person-add")), h("span", { class: "title accent" }, "Create new contact"));
  fill(root, create, contacts.map((contact) => h("button", { class: "ui-row line", onclick: () => openContact(contact) }, people.avatar(contact.display_name),
    h("span", { class: "title" }, contact.display_name))));
}

function openContact(contact) {
  return phone.start({ action: "android.intent.action.VIEW", data: `content://com.android.contacts/contacts/${contact._id}` });
}

// "15:10" today, "Yesterday, 15:10" and so on.
function callTime(at) {
  const day = people.when(at), time = dates.timeText(at);
  return day === time ? time : `${day}, ${time}`;
}
