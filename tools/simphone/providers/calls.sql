CREATE TABLE calls (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT, name TEXT, date INTEGER, duration INTEGER DEFAULT 0, type INTEGER,
  new INTEGER DEFAULT 0
);
{% for person in people[:6] %}
{% set kind = [1, 2, 3, 2, 1, 3][loop.index0] %}
INSERT INTO calls (number, name, date, duration, type, new) VALUES ({{ person.number | sql }}, {{ person.name | sql }},
  {{ now_ms - loop.index * 17000000 - random.randrange(3600000) }}, {{ 0 if kind == 3 else random.randrange(20, 600) }}, {{ kind }}, 0);
{% endfor %}
