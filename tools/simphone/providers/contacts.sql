CREATE TABLE contacts (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, display_name TEXT, first_name TEXT, last_name TEXT, number TEXT,
  number_type TEXT DEFAULT 'Mobile', email TEXT, company TEXT, note TEXT, starred INTEGER NOT NULL DEFAULT 0, last_updated INTEGER
);
{% for person in people %}
INSERT INTO contacts (display_name, first_name, last_name, number, number_type, email, company, note, starred, last_updated) VALUES
  ({{ person.name | sql }}, {{ person.first | sql }}, {{ person.last | sql }}, {{ person.number | sql }},
   '{{ random.choice(['Mobile', 'Mobile', 'Mobile', 'Home', 'Work']) }}', {{ person.email | sql }}, {{ person.company | sql }}, '',
   {{ 1 if loop.index is divisibleby(5) else 0 }}, {{ now_ms - loop.index * 86400000 }});
{% endfor %}
