"use strict";
// The shop's data: rows of shop.db. Amounts are whole cents.
const DATABASE = "/data/data/org.handeye.shop/databases/shop.db";
const FREE_FROM = 5000;
const DELIVERIES = [{ name: "Standard", text: "3 to 5 days, free from $50.00", cents: 490 }, { name: "Express", text: "Tomorrow", cents: 990 }, { name: "Pick-up point", text: "2 to 4 days, Lakeside station", cents: 290 }];
const PAYMENTS = [{ name: "Card", text: "Card ending in 4412" }, { name: "Invoice", text: "Pay within 14 days" }, { name: "Cash on delivery", text: "Pay the courier" }];
const sql = (statement, values = []) => phone.sql(DATABASE, statement, values);
const money = (cents) => `$${Math.floor(cents / 100).toLocaleString("en-US")}.${String(cents % 100).padStart(2, "0")}`;

const store = {
  async products({ text = "", category = "", low = 0, high = 0, rating = 0, available = false, loved = false, sort = "Featured" } = {}) {
    const rules = ["1"];
    const values = [];
    const rule = (test, ...more) => { rules.push(test); values.push(...more); };
    for (const word of text.toLowerCase().split(/\s+/).filter(Boolean)) rule("instr(lower(name || ' ' || category || ' ' || description), ?) > 0", word);
    if (category) rule("category = ?", category);
    if (low) rule("price_cents >= ?", low);
    if (high) rule("price_cents <= ?", high);
    if (rating) rule("rating >= ?", rating);
    if (available) rule("stock > 0");
    if (loved) rule("_id IN (SELECT product_id FROM wishlist)");
    return sql(`SELECT * FROM products WHERE ${rules.join(" AND ")} ORDER BY ${SORTS[sort]}`, values);
  },
  categories: () => sql("SELECT category AS name, COUNT(*) AS count FROM products GROUP BY category ORDER BY MIN(_id)"),
  product: async (id) => (await sql("SELECT * FROM products WHERE _id = ?", [id]))[0],
  cart: () => sql("SELECT cart._id, cart.product_id, cart.options, cart.quantity, products.name, products.price_cents, products.stock, products.picture, products.colour FROM cart JOIN products ON products._id = cart.product_id ORDER BY cart._id"),
  cartCount: async () => (await sql("SELECT coalesce(SUM(quantity), 0) AS count FROM cart"))[0].count,
  // Puts pieces into the cart, no more than there are in stock; gives how many went in.
  async addToCart(product, options, quantity) {
    const [{ inside }] = await sql("SELECT coalesce(SUM(quantity), 0) AS inside FROM cart WHERE product_id = ?", [product._id]);
    const count = Math.min(quantity, product.stock - inside);
    if (count > 0) await sql("INSERT INTO cart (product_id, options, quantity) VALUES (?, ?, ?) ON CONFLICT (product_id, options) DO UPDATE SET quantity = quantity + excluded.quantity", [product._id, options, count]);
    return Math.max(count, 0);
  },
  setQuantity: (id, quantity) => (quantity > 0 ? sql("UPDATE cart SET quantity = ? WHERE _id = ?", [quantity, id]) : sql("DELETE FROM cart WHERE _id = ?", [id])),
  isLoved: async (id) => (await sql("SELECT 1 FROM wishlist WHERE product_id = ?", [id])).length > 0,
  love: (id, on) => sql(on ? "INSERT OR IGNORE INTO wishlist (product_id) VALUES (?)" : "DELETE FROM wishlist WHERE product_id = ?", [id]),
  addresses: () => sql("SELECT * FROM addresses ORDER BY _id"),
  async saveAddress(id, { name, street, postcode, city, phone: number }) {
    const values = [name, street, postcode, city, number].map((value) => value.trim());
    if (id) await sql("UPDATE addresses SET name = ?, street = ?, postcode = ?, city = ?, phone = ? WHERE _id = ?", [...values, id]);
    else await sql("INSERT INTO addresses (name, street, postcode, city, phone) VALUES (?, ?, ?, ?, ?)", values);
  },
  dropAddress: (id) => sql("DELETE FROM addresses WHERE _id = ?", [id]),
  orders: () => sql("SELECT orders.*, (SELECT SUM(quantity) FROM order_items WHERE order_id = orders._id) AS pieces FROM orders ORDER BY _id DESC"),
  order: async (id) => (await sql("SELECT * FROM orders WHERE _id = ?", [id]))[0],
  items: (id) => sql("SELECT order_items.*, products.picture, products.colour FROM order_items LEFT JOIN products ON products._id = order_items.product_id WHERE order_id = ? ORDER BY order_items._id", [id]),
  deliveryCents: (delivery, subtotal) => (delivery.name === "Standard" && subtotal >= FREE_FROM ? 0 : delivery.cents),
  // Turns the cart into an order; gives its id.
  async placeOrder(address, delivery, payment) {
    const lines = await this.cart();
    const subtotal = lines.reduce((sum, line) => sum + line.price_cents * line.quantity, 0);
    const cost = this.deliveryCents(delivery, subtotal);
    const [{ last }] = await sql("SELECT coalesce(MAX(CAST(substr(number, 4) AS INTEGER)), 10200) AS last FROM orders");
    await sql("INSERT INTO orders (number, placed, status, name, street, postcode, city, delivery, payment, subtotal_cents, delivery_cents, total_cents) VALUES (?, ?, 'processing', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [`HS-${last + 7}`, phone.now().getTime(), address.name, address.street, address.postcode, address.city, delivery.name, payment.name, subtotal, cost, subtotal + cost]);
    const [{ id }] = await sql("SELECT MAX(_id) AS id FROM orders");
    for (const line of lines) {
      await sql("INSERT INTO order_items (order_id, product_id, name, options, quantity, price_cents) VALUES (?, ?, ?, ?, ?, ?)", [id, line.product_id, line.name, line.options, line.quantity, line.price_cents]);
      await sql("UPDATE products SET stock = MAX(0, stock - ?) WHERE _id = ?", [line.quantity, line.product_id]);
    }
    await sql("DELETE FROM cart");
    return id;
  },
  // Only an order that was not sent yet can be cancelled; its pieces go back into stock.
  async cancelOrder(id) {
    for (const item of await this.items(id)) await sql("UPDATE products SET stock = stock + ? WHERE _id = ?", [item.quantity, item.product_id]);
    await sql("UPDATE orders SET status = 'cancelled' WHERE _id = ? AND status = 'processing'", [id]);
  },
};

const SORTS = { Featured: "stock = 0, reviews * (rating - 3.5) DESC", "Price: low to high": "price_cents, name", "Price: high to low": "price_cents DESC, name", "Best rated": "rating DESC, reviews DESC", "Name, A to Z": "name COLLATE NOCASE" };
