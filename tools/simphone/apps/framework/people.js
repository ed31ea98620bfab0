// The phone's contacts and call log, as Contacts, Phone and Messages share them.
"use strict";

const people = (() => {
  const CONTACTS = "/data/data/com.android.providers.contacts/databases/contacts2.db";
  const CALLS = "/data/data/com.android.providers.contacts/databases/calllog.db";
  const MESSAGES = "/data/data/com.android.providers.telephony/databases/mmssms.db";
  const INCOMING = 1, OUTGOING = 2, MISSED = 3;
  const TABLES = {
    [CONTACTS]: `CREATE TABLE IF NOT EXISTS contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, display_name TEXT, first_name TEXT,
      last_name TEXT, number TEXT, number_type TEXT, email TEXT, company TEXT, note TEXT, starred INTEGER DEFAULT 0, last_updated INTEGER)`,
    [CALLS]: `CREATE TABLE IF NOT EXISTS calls (_id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT, name TEXT, date INTEGER,
      duration INTEGER, type INTEGER, new INTEGER)`,
    [MESSAGES]: `CREATE TABLE IF NOT EXISTS sms (_id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id INTEGER, address TEXT, person INTEGER,
      date INTEGER, date_sent INTEGER DEFAULT 0, protocol INTEGER, read INTEGER DEFAULT 0, status INTEGER DEFAULT -1, type INTEGER,
      reply_path_present INTEGER, subject TEXT, body TEXT, service_center TEXT, locked INTEGER DEFAULT 0, error_code INTEGER DEFAULT 0,
      seen INTEGER DEFAULT 0, creator TEXT)`,
  };

  // Rows of a statement; where the data was cleared, its table is made anew and asked once more.
  async function sql(path, statement, args = []) {
    try {
      return await phone.sql(path, statement, args);
    } catch (error) {
      if (!/no such table|unable to open/.test(String(error && error.message))) throw error;
      await phone.files.mkdir(path.slice(0, path.lastIndexOf("/")));
      await phone.sql(path, TABLES[path]);
      return phone.sql(path, statement, args);
    }
  }

  function order(a, b) {
    return a.display_name.localeCompare(b.display_name, "en", { sensitivity: "base", numeric: true }) || a._id - b._id;
  }

  async function all() {
    const rows = await sql(CONTACTS, "SELECT * FROM contacts");
    for (const row of rows) row.display_name = row.display_name || row.number || row.email || "(No name)";
    return rows.sort(order);
  }

  async function one(id) {
    return (await sql(CONTACTS, "SELECT * FROM contacts WHERE _id = ?", [id]))[0] || null;
  }

  function digits(number) {
    return String(number || "").replace(/[^\d*#+]/g, "");
  }

  // Android's loose comparison: the last seven digits decide between two whole numbers.
  function sameNumber(a, b) {
    const left = digits(a), right = digits(b);
    if (left === right) return left !== "" || String(a || "").trim() === String(b || "").trim();
    return left.length >= 7 && right.length >= 7 && left.slice(-7) === right.slice(-7);
  }

  function find(contacts, number) {
    return contacts.find((contact) => contact.number && sameNumber(contact.number, number)) || null;
  }

  function nameOf(contacts, number) {
    const contact = find(contacts, number);
    return contact ? contact.display_name : number;
  }

  // The kit's round picture with the first letter; `large` for the head of a page.
  function avatar(name, large = false) {
    const node = ui.avatar(name);
    if (large) node.classList.add("large");
    return node;
  }

  // "15:10" today, "Yesterday", a weekday within the week, else a date.
  function when(at) {
    const today = dates.number(dates.parts(phone.now().getTime()));
    const day = dates.parts(at);
    const ago = today - dates.number(day);
    if (ago === 0) return dates.timeText(at);
    if (ago === 1) return "Yesterday";
    if (ago > 1 && ago < 7) return dates.dayText(day, { weekday: "short" });
    const options = { month: "short", day: "numeric" };
    if (day.year !== dates.parts(phone.now().getTime()).year) options.year = "numeric";
    return dates.dayText(day, options);
  }

  function durationText(seconds) {
    const h = Math.floor(seconds / 3600), m = Math.floor(seconds / 60) % 60, s = seconds % 60;
    if (h) return `${h} h ${m} min`;
    return m ? `${m} min ${s} s` : `${s} s`;
  }

  return {
    CONTACTS, CALLS, MESSAGES, INCOMING, OUTGOING, MISSED, sql, all, one, digits, sameNumber, find, nameOf, avatar, when, durationText,
  };
})();
