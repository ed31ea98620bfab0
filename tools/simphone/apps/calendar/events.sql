CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, start_ts INTEGER NOT NULL, end_ts INTEGER NOT NULL, title TEXT NOT NULL,
  location TEXT NOT NULL, description TEXT NOT NULL,
  reminder_1_minutes INTEGER NOT NULL, reminder_2_minutes INTEGER NOT NULL, reminder_3_minutes INTEGER NOT NULL,
  reminder_1_type INTEGER NOT NULL, reminder_2_type INTEGER NOT NULL, reminder_3_type INTEGER NOT NULL,
  repeat_interval INTEGER NOT NULL, repeat_rule INTEGER NOT NULL, repeat_limit INTEGER NOT NULL,
  repetition_exceptions TEXT NOT NULL, attendees TEXT NOT NULL, import_id TEXT NOT NULL, time_zone TEXT NOT NULL,
  flags INTEGER NOT NULL, event_type INTEGER NOT NULL, parent_id INTEGER NOT NULL, last_updated INTEGER NOT NULL,
  source TEXT NOT NULL, availability INTEGER NOT NULL, color INTEGER NOT NULL, type INTEGER NOT NULL
);
CREATE TABLE event_types (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, color INTEGER NOT NULL, type INTEGER NOT NULL);
INSERT INTO event_types (title, color, type) VALUES ('Regular event', -16746133, 0);
{% set day = now_ms // 86400000 * 86400 -%}
{% macro event(offset, hour, minute, minutes, title, location, description, reminder=-1, interval=0, rule=0, flags=0) -%}
{% set start = day + offset * 86400 + hour * 3600 + minute * 60 -%}
INSERT INTO events (start_ts, end_ts, title, location, description, reminder_1_minutes, reminder_2_minutes, reminder_3_minutes,
  reminder_1_type, reminder_2_type, reminder_3_type, repeat_interval, repeat_rule, repeat_limit, repetition_exceptions, attendees,
  import_id, time_zone, flags, event_type, parent_id, last_updated, source, availability, color, type)
VALUES ({{ start }}, {{ start + minutes * 60 }}, '{{ title }}', '{{ location }}', '{{ description }}', {{ reminder }}, -1, -1, 0, 0, 0,
  {{ interval }}, {{ rule }}, 0, '[]', '', '{{ start }}-{{ offset }}{{ hour }}', 'UTC', {{ flags }}, 1, 0, {{ now_ms }},
  'simple-calendar', 0, 0, 0);
{%- endmacro %}
{% set weekday = ((now_ms // 86400000) + 3) % 7 -%}
{% if samples %}
{{ event(-13, 9, 0, 60, 'Dentist', 'Elm Street 12', 'Check-up, bring the insurance card.', 60) }}
{{ event(-6, 18, 30, 90, 'Dinner with the neighbours', 'At home', 'Buy bread and salad.') }}
{{ event(-3, 10, 0, 45, 'Budget review', 'Room 4', 'Go through the numbers of last quarter.', 10) }}
{{ event(-weekday - 7, 9, 30, 15, 'Team stand-up', 'Online', 'Short round: yesterday, today, blockers.', 5, 604800, 21) }}
{{ event(0, 19, 0, 60, 'Call with Mum', '', 'Ask about the trip.') }}
{{ event(1, 12, 30, 60, 'Lunch at the harbour', 'Pier Café', '', 30) }}
{{ event(2, 16, 0, 30, 'Parcel pick-up', 'Post office', 'Number 3391.') }}
{{ event(4, 8, 15, 120, 'Car inspection', 'Garage Lindner', 'Ask for the winter tyres.', 1440) }}
{{ event(6, 0, 0, 720, 'Library books due', '', 'Three novels and the atlas.', -1, 0, 0, 1) }}
{{ event(9, 17, 0, 90, 'Swimming lesson', 'City pool', 'Towel, cap, goggles.', 60) }}
{{ event(12, 20, 0, 120, 'Concert', 'Old Town Hall', 'Tickets are in the drawer.', 120) }}
{% endif %}
