"use strict";
// Cart, checkout, orders, addresses.
const sumRow = (name, value, strong = false) => h("div", { class: strong ? "sum strong" : "sum" }, h("span", {}, name), h("span", {}, value));
const dateText = (ms) => phone.format(new Date(ms), { day: "numeric", month: "long", year: "numeric" });
const STATES = { processing: "In preparation", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled" };

function cartPage() {
  const head = h("div");
  const list = h("div", { class: "scroll" });
  const foot = h("div", { class: "foot" });

  function lineOf(line) {
    const set = async (quantity) => { await store.setQuantity(line._id, quantity); draw(); };
    return h("div", { class: "line" }, h("button", { class: "thumb", label: `Show ${line.name}`, onclick: () => productPage(line.product_id) }, picture(line)),
      h("div", { class: "about" }, h("b", {}, line.name), line.options && h("small", {}, line.options), h("div", { class: "below" }, stepper(line.quantity, line.stock, set), h("b", { class: "amount" }, money(line.price_cents * line.quantity)))),
      iconButton("delete", `Remove ${line.name}`, () => set(0)));
  }

  async function draw() {
    const lines = await store.cart();
    const subtotal = lines.reduce((sum, line) => sum + line.price_cents * line.quantity, 0);
    const cost = store.deliveryCents(DELIVERIES[0], subtotal);
    fill(head, bar({ title: "Cart", back: () => pages.back() }));
    fill(list, lines.length ? [lines.map(lineOf), h("div", { class: "sums" }, sumRow("Subtotal", money(subtotal)), sumRow("Standard delivery", cost ? money(cost) : "Free"), sumRow("Total", money(subtotal + cost), true), cost > 0 && h("small", {}, `${money(FREE_FROM - subtotal)} more for free delivery`))]
      : nothing("cart", "Your cart is empty", "Products that you add appear here."));
    fill(foot, ui.button({ label: lines.length ? "Checkout" : "Continue shopping", kind: "filled", wide: true, id: "checkout", onclick: () => (lines.length ? checkoutPage() : goTab("home")) }));
  }

  pages.open({ node: screenOf(head, list, foot), activity: `${ACTIVITY}CartActivity`, shown: draw });
}

async function editAddress(address = {}) {
  const needed = (text) => (text.trim() ? "" : "This is needed");
  const made = await ask({ title: address._id ? "Edit address" : "New address", ok: "Save", fields: [
    { name: "name", label: "Full name", value: address.name, check: needed, capitals: "words" }, { name: "street", label: "Street and number", value: address.street, check: needed },
    { name: "postcode", label: "Postcode", value: address.postcode, check: (text) => (/^[A-Za-z0-9 -]{3,10}$/.test(text.trim()) ? "" : "Enter a postcode") }, { name: "city", label: "City", value: address.city, check: needed },
    { name: "phone", label: "Phone (optional)", value: address.phone, type: "tel" }] });
  if (made) await store.saveAddress(address._id, made);
  return Boolean(made);
}

function checkoutPage() {
  const head = bar({ title: "Checkout", back: () => pages.back() });
  const list = h("div", { class: "scroll" });
  const foot = h("div", { class: "foot" });
  let chosen = null;
  let delivery = DELIVERIES[0];
  let payment = null;

  async function draw() {
    const [addresses, lines] = [await store.addresses(), await store.cart()];
    const subtotal = lines.reduce((sum, line) => sum + line.price_cents * line.quantity, 0);
    const cost = store.deliveryCents(delivery, subtotal);
    const address = addresses.find((one) => one._id === chosen) ?? addresses[0];
    fill(list, ui.section("Delivery address"),
      addresses.length > 0 && ui.radios({ value: address._id, options: addresses.map((one) => ({ value: one._id, title: one.name, text: `${one.street}, ${one.postcode} ${one.city}` })), onchange: (id) => { chosen = id; } }),
      ui.row({ icon: "add", title: "Add an address", onclick: async () => { if (await editAddress()) chosen = (await store.addresses()).at(-1)._id; draw(); } }),
      ui.section("Delivery"), ui.radios({ value: delivery.name, options: DELIVERIES.map((one) => { const cents = store.deliveryCents(one, subtotal); return { value: one.name, title: `${one.name}, ${cents ? money(cents) : "free"}`, text: one.text }; }), onchange: (name) => { delivery = DELIVERIES.find((one) => one.name === name); draw(); } }),
      ui.section("Payment"), ui.radios({ value: payment?.name, options: PAYMENTS.map((one) => ({ value: one.name, title: one.name, text: one.text })), onchange: (name) => { payment = PAYMENTS.find((one) => one.name === name); } }),
      ui.section("Your order"), h("div", { class: "sums" }, lines.map((line) => sumRow(`${line.quantity} x ${line.name}${line.options ? `, ${line.options}` : ""}`, money(line.price_cents * line.quantity))), sumRow("Delivery", cost ? money(cost) : "Free"), sumRow("Total", money(subtotal + cost), true)));
    fill(foot, ui.button({ label: `Place order, ${money(subtotal + cost)}`, kind: "filled", wide: true, id: "place_order", onclick: () => place(address) }));
  }

  async function place(address) {
    const wanted = (await store.addresses()).find((one) => one._id === chosen) ?? address;
    if (!wanted) return void phone.toast("Add a delivery address");
    if (!payment) return void phone.toast("Choose how to pay");
    const id = await store.placeOrder(wanted, delivery, payment);
    while (pages.stack.length > 1) pages.close();
    await phone.notify("Order placed", `We are packing order ${(await store.order(id)).number}.`);
    orderPage(id, true);
  }

  pages.open({ node: screenOf(head, list, foot), activity: `${ACTIVITY}CheckoutActivity`, shown: draw });
}

function orderPage(id, fresh = false) {
  const head = h("div");
  const list = h("div", { class: "scroll" });
  async function cancel(order) {
    if (!(await ui.confirm({ title: `Cancel order ${order.number}?`, text: "You will not be charged.", yes: "Cancel order", no: "Keep it", danger: true }))) return;
    await store.cancelOrder(id);
    phone.toast("Order cancelled");
    draw();
  }
  async function draw() {
    const [order, items] = [await store.order(id), await store.items(id)];
    fill(head, bar({ title: `Order ${order.number}`, back: () => pages.back() }));
    fill(list, fresh && order.status === "processing" && h("div", { class: "done" }, icon("check-circle", 56), h("b", {}, "Thank you for your order!"), h("small", {}, `Order number ${order.number}`)),
      h("div", { class: "state" }, h("span", { class: `badge ${order.status}` }, STATES[order.status]), h("small", {}, `Placed on ${dateText(order.placed)}`)),
      items.map((item) => h("div", { class: "line" }, h("span", { class: "thumb" }, picture(item)), h("div", { class: "about" }, h("b", {}, item.name), item.options && h("small", {}, item.options), h("small", {}, `${item.quantity} x ${money(item.price_cents)}`)))),
      h("div", { class: "sums" }, sumRow("Subtotal", money(order.subtotal_cents)), sumRow(`${order.delivery} delivery`, order.delivery_cents ? money(order.delivery_cents) : "Free"), sumRow("Total", money(order.total_cents), true)),
      ui.section("Delivered to"), h("p", { class: "prose" }, order.name, h("br"), order.street, h("br"), `${order.postcode} ${order.city}`), ui.section("Paid by"), h("p", { class: "prose" }, order.payment),
      h("div", { class: "pad" }, order.status === "processing" && ui.button({ label: "Cancel order", kind: "outlined", danger: true, wide: true, id: "cancel_order", onclick: () => cancel(order) }), fresh && ui.button({ label: "Continue shopping", kind: "filled", wide: true, onclick: () => pages.close() })));
  }
  pages.open({ node: screenOf(head, list), activity: `${ACTIVITY}OrderActivity`, shown: draw });
}

function ordersPage() {
  const head = bar({ title: "Orders" });
  const list = h("div", { class: "scroll" });
  async function draw() {
    const orders = await store.orders();
    fill(list, orders.length ? orders.map((order) => ui.row({ lead: leadBox("bag"), title: order.number, text: `${dateText(order.placed)}, ${order.pieces} ${order.pieces === 1 ? "item" : "items"}, ${money(order.total_cents)}`, trailing: h("span", { class: `badge ${order.status}` }, STATES[order.status]), onclick: () => orderPage(order._id) }))
      : nothing("bag", "No orders yet", "What you order appears here."));
  }
  pages.open({ node: screenOf(head, list, bottom("orders")), activity: `${ACTIVITY}OrdersActivity`, shown: draw });
}

function addressesPage() {
  const head = bar({ title: "Addresses" });
  const list = h("div", { class: "scroll" });
  async function more(address, event) {
    const picked = await menu(event.currentTarget, ["Edit", "Delete"]);
    if (picked === "Edit") await editAddress(address);
    else if (picked === "Delete" && (await ui.confirm({ title: "Delete this address?", text: `${address.name}, ${address.street}`, yes: "Delete", danger: true }))) await store.dropAddress(address._id);
    draw();
  }
  async function draw() {
    const addresses = await store.addresses();
    fill(list, addresses.map((address) => h("div", { class: "beside" }, ui.row({ icon: "place", title: address.name, text: `${address.street}, ${address.postcode} ${address.city}`, onclick: async () => { await editAddress(address); draw(); } }), iconButton("more", `Options for ${address.name}, ${address.street}`, (event) => more(address, event)))),
      addresses.length === 0 && nothing("place", "No addresses yet"), ui.row({ icon: "add", title: "Add an address", onclick: async () => { await editAddress(); draw(); } }));
  }
  pages.open({ node: screenOf(head, list, bottom("account")), activity: `${ACTIVITY}MainActivity`, shown: draw });
}
