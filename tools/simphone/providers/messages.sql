CREATE TABLE sms (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id INTEGER, address TEXT, person INTEGER, date INTEGER, date_sent INTEGER DEFAULT 0,
  protocol INTEGER, read INTEGER DEFAULT 0, status INTEGER DEFAULT -1, type INTEGER, reply_path_present INTEGER, subject TEXT, body TEXT,
  service_center TEXT, locked INTEGER DEFAULT 0, sub_id INTEGER DEFAULT -1, error_code INTEGER DEFAULT -1, creator TEXT,
  seen INTEGER DEFAULT 0
);
CREATE TABLE threads (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, date INTEGER DEFAULT 0, message_count INTEGER DEFAULT 0, recipient_ids TEXT, snippet TEXT,
  read INTEGER DEFAULT 1, archived INTEGER DEFAULT 0, type INTEGER DEFAULT 0, error INTEGER DEFAULT 0, has_attachment INTEGER DEFAULT 0
);
CREATE TRIGGER sms_written AFTER INSERT ON sms BEGIN
  INSERT INTO threads (_id, date, message_count, recipient_ids, snippet, read)
    VALUES (new.thread_id, new.date, 1, new.address, new.body, new.read)
    ON CONFLICT (_id) DO UPDATE SET date = excluded.date, message_count = message_count + 1, snippet = excluded.snippet;
END;
CREATE TRIGGER sms_removed AFTER DELETE ON sms WHEN NOT EXISTS (SELECT 1 FROM sms WHERE thread_id = old.thread_id) BEGIN
  DELETE FROM threads WHERE _id = old.thread_id;
END;
{% for message in messages %}
INSERT INTO sms (thread_id, address, date, date_sent, protocol, read, type, reply_path_present, body, seen) VALUES
  ({{ message.thread }}, {{ message.number | sql }}, {{ message.date_ms }}, {{ message.date_ms }}, {{ 'NULL' if message.sent else 0 }},
   1, {{ 2 if message.sent else 1 }}, {{ 'NULL' if message.sent else 0 }}, {{ message.body | sql }}, 1);
{% endfor %}
