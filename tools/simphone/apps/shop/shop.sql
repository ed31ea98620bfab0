CREATE TABLE products (
  _id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price_cents INTEGER NOT NULL, rating REAL NOT NULL,
  reviews INTEGER NOT NULL, stock INTEGER NOT NULL, picture TEXT NOT NULL, colour TEXT NOT NULL, options TEXT NOT NULL, description TEXT NOT NULL
);
CREATE TABLE cart (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, product_id INTEGER NOT NULL, options TEXT NOT NULL DEFAULT '', quantity INTEGER NOT NULL,
  UNIQUE (product_id, options)
);
CREATE TABLE wishlist (product_id INTEGER PRIMARY KEY);
CREATE TABLE addresses (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, street TEXT NOT NULL, postcode TEXT NOT NULL, city TEXT NOT NULL, phone TEXT NOT NULL DEFAULT ''
);
CREATE TABLE orders (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, placed INTEGER NOT NULL, status TEXT NOT NULL, name TEXT NOT NULL,
  street TEXT NOT NULL, postcode TEXT NOT NULL, city TEXT NOT NULL, delivery TEXT NOT NULL, payment TEXT NOT NULL,
  subtotal_cents INTEGER NOT NULL, delivery_cents INTEGER NOT NULL, total_cents INTEGER NOT NULL
);
CREATE TABLE order_items (
  _id INTEGER PRIMARY KEY AUTOINCREMENT, order_id INTEGER NOT NULL, product_id INTEGER NOT NULL, name TEXT NOT NULL, options TEXT NOT NULL,
  quantity INTEGER NOT NULL, price_cents INTEGER NOT NULL
);
INSERT INTO products (_id, name, category, price_cents, rating, reviews, stock, picture, colour, options, description) VALUES
  (1, 'Aurora Desk Lamp', 'Home', 3990, 4.6, 182, 24, 'lamp', '#e8a33d', '{"Colour": ["Brass", "Black", "White"]}', 'A lamp with a warm light that turns and tilts. Dims in five steps with a touch on its foot. 7 W, cable of 1.8 m.'),
  (2, 'Linen Cushion', 'Home', 1890, 4.3, 96, 40, 'cushion', '#7aa7a3', '{"Colour": ["Sage", "Sand", "Rust"], "Size": ["40 x 40 cm", "50 x 50 cm"]}', 'Cushion of washed linen with a feather filling. The cover comes off with a zip and may be washed at 40 degrees.'),
  (3, 'Stoneware Vase', 'Home', 2450, 4.7, 58, 12, 'vase', '#b98a6b', '{"Size": ["Small", "Large"]}', 'Thrown by hand and glazed in a matt tone; no two are alike. Holds water.'),
  (4, 'Wool Blanket', 'Home', 6900, 4.8, 211, 18, 'blanket', '#9c5b55', '{"Colour": ["Grey", "Red", "Blue"]}', 'Woven of new wool, 130 x 200 cm, with short fringes.'),
  (5, 'Wall Clock Nord', 'Home', 3290, 4.1, 74, 0, 'clock', '#43536b', '{"Colour": ["Oak", "Black"]}', 'A quiet clock of 30 cm across. One AA battery is included.'),
  (6, 'Enamel Kettle', 'Kitchen', 4590, 4.5, 133, 15, 'kettle', '#cc4b4b', '{"Colour": ["Red", "Cream", "Blue"]}', 'Holds 1.5 litres and works on every stove, induction too. The whistle folds away.'),
  (7, 'Chef''s Knife 20 cm', 'Kitchen', 5490, 4.9, 320, 30, 'knife', '#6b7480', '{}', 'Forged from one piece of steel and sharpened by hand. Comes with a guard for the blade.'),
  (8, 'Cast-Iron Pan', 'Kitchen', 3850, 4.7, 275, 22, 'pan', '#3a3f46', '{"Size": ["24 cm", "28 cm"]}', 'Heavy, seasoned with rapeseed oil, good for a lifetime. For the stove, the oven and the fire.'),
  (9, 'Coffee Grinder', 'Kitchen', 7990, 4.4, 148, 9, 'grinder', '#8a6247', '{}', 'A hand grinder with steel burrs and 30 steps, from espresso to French press. Holds 35 g.'),
  (10, 'Set of 4 Mugs', 'Kitchen', 2690, 4.6, 190, 33, 'mug', '#5b8fb0', '{"Colour": ["Mixed", "White"]}', 'Four stoneware mugs of 300 ml each. For the dishwasher and the microwave.'),
  (11, 'Olive Wood Board', 'Kitchen', 2990, 4.5, 67, 14, 'board', '#b07c45', '{}', 'A board for cutting and serving, oiled, about 40 x 20 cm. The grain differs from piece to piece.'),
  (12, 'Wireless Headphones', 'Electronics', 8990, 4.4, 612, 45, 'headphones', '#3b4252', '{"Colour": ["Black", "Silver", "Blue"]}', 'Over-ear headphones with noise cancelling and 40 hours of battery. Fold flat; a case is included.'),
  (13, 'USB-C Charger 65 W', 'Electronics', 3490, 4.7, 843, 120, 'charger', '#8d99ae', '{}', 'Charges a laptop and a phone at once through two ports. Folding plug.'),
  (14, 'Bluetooth Speaker Pebble', 'Electronics', 4990, 4.2, 264, 28, 'speaker', '#4f9d8f', '{"Colour": ["Green", "Grey"]}', 'Small, waterproof (IPX7) and surprisingly loud. Plays for 12 hours.'),
  (15, 'Fitness Watch', 'Electronics', 12900, 4.1, 498, 16, 'watch', '#2f3e57', '{"Size": ["S", "M", "L"], "Colour": ["Black", "Rose"]}', 'Counts steps, heart beats and lengths in the pool. The battery lasts for a week.'),
  (16, 'E-Reader 7 inch', 'Electronics', 14900, 4.6, 377, 11, 'reader', '#59616e', '{"Storage": ["16 GB", "32 GB"]}', 'Reads like paper, even in the sun. Waterproof, with a light from cold to warm.'),
  (17, 'Mechanical Keyboard', 'Electronics', 9900, 4.5, 229, 19, 'keyboard', '#7a6fb0', '{"Switches": ["Quiet", "Tactile", "Clicky"]}', '75 per cent layout, aluminium, keys that can be changed without soldering.'),
  (18, 'Cotton T-Shirt', 'Clothing', 1990, 4.3, 521, 80, 'shirt', '#d98c5f', '{"Size": ["S", "M", "L", "XL"], "Colour": ["Orange", "Navy", "White"]}', 'Heavy organic cotton, straight cut. Does not shrink.'),
  (19, 'Rain Jacket', 'Clothing', 8900, 4.6, 188, 26, 'jacket', '#f0b429', '{"Size": ["S", "M", "L", "XL"], "Colour": ["Yellow", "Green"]}', 'Tight against wind and rain (10,000 mm), packs into its own pocket, 380 g.'),
  (20, 'Merino Socks, 3 Pairs', 'Clothing', 2790, 4.8, 402, 64, 'socks', '#6c8f57', '{"Size": ["36-38", "39-41", "42-44", "45-47"]}', 'Warm in winter, cool in summer. 70 per cent merino wool.'),
  (21, 'Canvas Sneakers', 'Clothing', 5990, 4.2, 156, 21, 'shoe', '#4a78b5', '{"Size": ["38", "39", "40", "41", "42", "43", "44"], "Colour": ["Blue", "White"]}', 'Light shoes of canvas with a sole of natural rubber.'),
  (22, 'Felt Hat', 'Clothing', 4490, 4.0, 43, 7, 'hat', '#6d5a4b', '{"Size": ["S", "M", "L"]}', 'Rolled up it fits any bag, and it comes out in shape.'),
  (23, 'Trail Backpack 22 L', 'Outdoor', 7490, 4.7, 308, 17, 'backpack', '#3f7d58', '{"Colour": ["Green", "Black", "Red"]}', 'For a day out: a back that breathes, a cover for rain, room for a 2-litre bladder. 790 g.'),
  (24, 'Steel Water Bottle', 'Outdoor', 2290, 4.6, 455, 70, 'bottle', '#3aa0c9', '{"Size": ["0.5 L", "0.75 L", "1 L"], "Colour": ["Blue", "Steel"]}', 'Two walls keep drinks cold for 24 hours and hot for 12. Tight, without BPA.'),
  (25, 'Camping Lantern', 'Outdoor', 2990, 4.3, 121, 25, 'lantern', '#c46a3d', '{}', '250 lumens, dims, and charges phones. Hangs or stands.'),
  (26, 'Hammock for Two', 'Outdoor', 4990, 4.5, 97, 13, 'hammock', '#b04f7d', '{"Colour": ["Berry", "Ocean"]}', 'Parachute silk, holds 200 kg, straps for trees included.'),
  (27, 'Puzzle: Harbour, 1000 Pieces', 'Toys', 1690, 4.7, 84, 31, 'puzzle', '#558bd0', '{}', 'A harbour at dusk, 68 x 48 cm. Strong pieces without dust.'),
  (28, 'Wooden Train Set', 'Toys', 5990, 4.9, 142, 10, 'train', '#c0503c', '{}', '52 parts of beech: track, bridge, station and a train with four coaches. From three years.'),
  (29, 'Chess Set, Travel Size', 'Toys', 2490, 4.4, 77, 20, 'chess', '#8c6a4a', '{}', 'A folding board of 24 cm with magnetic pieces.'),
  (30, 'Watercolours, 24 Pans', 'Toys', 3190, 4.8, 163, 27, 'paint', '#a0619f', '{}', 'Artists'' colours in a tin box with a brush and three fields for mixing.');
{% if samples %}
INSERT INTO addresses (name, street, postcode, city, phone) VALUES ('Alex Morgan', '12 Harbour Street', '40312', 'Lakeside', '+1 555 010 7788');
INSERT INTO orders (number, placed, status, name, street, postcode, city, delivery, payment, subtotal_cents, delivery_cents, total_cents) VALUES
  ('HS-10231', {{ now_ms - 86400000 * 21 }}, 'delivered', 'Alex Morgan', '12 Harbour Street', '40312', 'Lakeside', 'Standard', 'Card', 6980, 0, 6980),
  ('HS-10258', {{ now_ms - 86400000 }}, 'processing', 'Alex Morgan', '12 Harbour Street', '40312', 'Lakeside', 'Standard', 'Card', 3850, 490, 4340);
INSERT INTO order_items (order_id, product_id, name, options, quantity, price_cents) VALUES
  (1, 1, 'Aurora Desk Lamp', 'Brass', 1, 3990), (1, 25, 'Camping Lantern', '', 1, 2990), (2, 8, 'Cast-Iron Pan', '28 cm', 1, 3850);
{% endif %}
