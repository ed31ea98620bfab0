CREATE TABLE contacts (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, display_name TEXT, first_name TEXT, last_name TEXT, number TEXT,
  number_type TEXT DEFAULT 'Mobile', email TEXT, company TEXT, note TEXT, starred INTEGER NOT NULL DEFAULT 0, last_updated INTEGER
);
{% for person in people -%}
INSERT INTO contacts (display_name, first_name, last_name, number, number_type, email, company, note, starred, last_updated) VALUES
  ('{{ person.first }} {{ person.last }}', '{{ person.first }}', '{{ person.last }}', '{{ person.number }}', '{{ person.number_type }}',
   '{{ person.email }}', '{{ person.company }}', '{{ person.note }}', {{ person.starred }}, {{ now_ms - loop.index * 86400000 }});
{% endfor %}
