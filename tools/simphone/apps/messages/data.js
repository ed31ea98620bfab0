// Conversations and messages, read from and written to the telephony provider's sms table.
"use strict";

const messages = (() => {
  const PATH = people.MESSAGES;
  const INBOX = 1, SENT = 2;

  function run(statement, args) {
    return people.sql(PATH, statement, args);
  }

  // One row for each thread: {thread, address, body, date, type, unread, count}, the newest first.
  function threads() {
    return run(`SELECT coalesce(s.thread_id, s.address) AS thread, s.address, s.body, s.date, s.type, u.unread, u.count FROM sms s
      JOIN (SELECT coalesce(thread_id, address) AS thread, max(date) AS date, sum(read = 0 AND type = 1) AS unread, count(*) AS count
            FROM sms GROUP BY 1) u ON u.thread = coalesce(s.thread_id, s.address) AND u.date = s.date
      GROUP BY 1 HAVING s._id = max(s._id) ORDER BY s.date DESC, s._id DESC`);
  }

  function inThread(thread) {
    return run("SELECT * FROM sms WHERE coalesce(thread_id, address) = ? ORDER BY date, _id", [thread]);
  }

  // The thread of a number, or null when none was begun.
  async function threadOf(number) {
    const found = (await run("SELECT coalesce(thread_id, address) AS thread, address FROM sms GROUP BY 1"))
      .find((row) => people.sameNumber(row.address, number));
    return found ? found.thread : null;
  }

  function markRead(thread) {
    return run("UPDATE sms SET read = 1, seen = 1 WHERE coalesce(thread_id, address) = ? AND (read = 0 OR seen = 0)", [thread]);
  }

  async function markUnread(thread) {
    const newest = (await run("SELECT max(_id) AS id FROM sms WHERE coalesce(thread_id, address) = ? AND type = 1", [thread]))[0];
    if (newest && newest.id) await run("UPDATE sms SET read = 0 WHERE _id = ?", [newest.id]);
  }

  function removeThread(thread) {
    return run("DELETE FROM sms WHERE coalesce(thread_id, address) = ?", [thread]);
  }

  function removeMessage(id) {
    return run("DELETE FROM sms WHERE _id = ?", [id]);
  }

  // Messages that hold a text, the newest first; `%` and `_` are letters like others.
  function search(text) {
    const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
    return run(`SELECT *, coalesce(thread_id, address) AS thread FROM sms WHERE body LIKE ? ESCAPE '\\' OR address LIKE ? ESCAPE '\\'
      ORDER BY date DESC, _id DESC LIMIT 100`, [pattern, pattern]);
  }

  // Messages of 160 characters of the simple alphabet, or 70 of any, go as one; longer ones as parts of 153 or 67.
  function parts(text) {
    const simple = /^[\n\r\x20-\x7e€£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉÄÖÑÜ§¿äöñüà¡¤]*$/.test(text);
    const [one, more] = simple ? [160, 153] : [70, 67];
    const count = text.length <= one ? 1 : Math.ceil(text.length / more);
    return { count, left: (count === 1 ? one : count * more) - text.length };
  }

  return { INBOX, SENT, threads, inThread, threadOf, markRead, markUnread, removeThread, removeMessage, search, parts };
})();
