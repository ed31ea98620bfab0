CREATE TABLE history (_id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, title TEXT NOT NULL, visited INTEGER NOT NULL);
CREATE TABLE bookmarks (_id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL UNIQUE, title TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE tabs (_id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, title TEXT NOT NULL, trail TEXT NOT NULL DEFAULT '[]', place INTEGER NOT NULL DEFAULT 0, front INTEGER NOT NULL DEFAULT 0);
{% if samples %}
INSERT INTO bookmarks (url, title, created) VALUES
  ('http://encyclopaedia.example/lighthouse', 'Lighthouse - Open Encyclopaedia', {{ now_ms - 86400000 * 12 }}),
  ('http://news.example/', 'The Harbour Post', {{ now_ms - 86400000 * 5 }});
INSERT INTO history (url, title, visited) VALUES
  ('http://news.example/', 'The Harbour Post', {{ now_ms - 86400000 }}),
  ('http://encyclopaedia.example/lighthouse', 'Lighthouse - Open Encyclopaedia', {{ now_ms - 7200000 }});
{% endif %}
