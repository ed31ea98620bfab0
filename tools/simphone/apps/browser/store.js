"use strict";
// History, bookmarks and open tabs: rows of browser.db.
const DATABASE = "/data/data/com.android.chrome/databases/browser.db";
const TABLES = [
  "CREATE TABLE IF NOT EXISTS history (_id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, title TEXT NOT NULL, visited INTEGER NOT NULL)",
  "CREATE TABLE IF NOT EXISTS bookmarks (_id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL UNIQUE, title TEXT NOT NULL, created INTEGER NOT NULL)",
  "CREATE TABLE IF NOT EXISTS tabs (_id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, title TEXT NOT NULL, trail TEXT NOT NULL DEFAULT '[]', place INTEGER NOT NULL DEFAULT 0, front INTEGER NOT NULL DEFAULT 0)",
];
const sql = (statement, values = []) => phone.sql(DATABASE, statement, values);
// Statements that belong together run one after the other, whatever happens between them.
let queue = Promise.resolve();
const inOrder = (work) => {
  queue = queue.then(work, work);
  return queue;
};
const store = {
  // Somebody may have cleared the app's data.
  async prepare() {
    for (const table of TABLES) await sql(table);
  },
  visit: (url, title) => inOrder(async () => {
    const [last] = await sql("SELECT _id, url FROM history ORDER BY _id DESC LIMIT 1");
    const now = phone.now().getTime();
    if (last?.url === url) await sql("UPDATE history SET visited = ?, title = ? WHERE _id = ?", [now, title, last._id]);
    else await sql("INSERT INTO history (url, title, visited) VALUES (?, ?, ?)", [url, title, now]);
  }),
  rename: (url, title) => inOrder(() => sql("UPDATE history SET title = ? WHERE _id = (SELECT MAX(_id) FROM history WHERE url = ?)", [title, url])),
  history: (text = "") => sql("SELECT _id, url, title, visited FROM history WHERE instr(lower(title || ' ' || url), lower(?)) > 0 ORDER BY visited DESC, _id DESC LIMIT 300", [text]),
  forget: (id) => sql("DELETE FROM history WHERE _id = ?", [id]),
  forgetAll: () => sql("DELETE FROM history"),
  bookmarks: () => sql("SELECT _id, url, title FROM bookmarks ORDER BY _id"),
  async isBookmark(url) {
    return (await sql("SELECT 1 FROM bookmarks WHERE url = ?", [url])).length > 0;
  },
  mark: (url, title) => sql("INSERT OR IGNORE INTO bookmarks (url, title, created) VALUES (?, ?, ?)", [url, title || shortAddress(url), phone.now().getTime()]),
  unmark: (url) => sql("DELETE FROM bookmarks WHERE url = ?", [url]),
  tabs: () => sql("SELECT _id, url, title, trail, place, front FROM tabs ORDER BY _id"),
  async addTab() {
    await sql("INSERT INTO tabs (url, title) VALUES ('', '')");
    return (await sql("SELECT MAX(_id) AS id FROM tabs"))[0].id;
  },
  keepTab: (tab) => inOrder(() => sql("UPDATE tabs SET url = ?, title = ?, trail = ?, place = ? WHERE _id = ?", [tab.url, tab.title, JSON.stringify(tab.trail), tab.place, tab.id])),
  frontTab: (id) => sql("UPDATE tabs SET front = (_id = ?)", [id]),
  dropTab: (id) => sql("DELETE FROM tabs WHERE _id = ?", [id]),
  // What may be meant by typed text, the newest first and each address once.
  suggest: (text) => sql(
    "SELECT url, title, 1 AS marked FROM bookmarks WHERE instr(lower(title || ' ' || url), lower(?1)) > 0 UNION ALL SELECT url, title, 0 FROM (SELECT url, title, MAX(visited) AS seen FROM history WHERE instr(lower(title || ' ' || url), lower(?1)) > 0 GROUP BY url ORDER BY seen DESC LIMIT 8) WHERE url NOT IN (SELECT url FROM bookmarks)",
    [text],
  ),
};
