CREATE TABLE alarm_templates (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, hour INTEGER NOT NULL, minutes INTEGER NOT NULL, daysofweek INTEGER NOT NULL,
  enabled INTEGER NOT NULL, vibrate INTEGER NOT NULL, label TEXT NOT NULL, ringtone TEXT, delete_after_use INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE alarm_instances (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, alarm_id INTEGER NOT NULL, due_ms INTEGER NOT NULL, state TEXT NOT NULL
);
INSERT INTO alarm_templates (hour, minutes, daysofweek, enabled, vibrate, label, ringtone) VALUES
  (8, 30, 31, 0, 1, '', 'content://settings/system/alarm_alert'),
  (9, 0, 96, 0, 1, '', 'content://settings/system/alarm_alert');
