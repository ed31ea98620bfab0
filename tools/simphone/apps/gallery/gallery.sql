CREATE TABLE favorites (_id INTEGER PRIMARY KEY AUTOINCREMENT, full_path TEXT NOT NULL UNIQUE, filename TEXT NOT NULL, parent_path TEXT NOT NULL);
{% if samples %}
INSERT INTO favorites (full_path, filename, parent_path) VALUES
  ('/storage/emulated/0/DCIM/Camera/IMG_20231007_130122.jpg', 'IMG_20231007_130122.jpg', '/storage/emulated/0/DCIM/Camera');
{% endif %}
