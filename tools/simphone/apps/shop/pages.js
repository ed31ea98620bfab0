"use strict";
// Home, lists of products, one product.
const ACTIVITY = "org.handeye.shop.";
const screenOf = (...children) => h("div", { class: "ui-screen" }, ...children);

function stars(product) {
  return h("span", { class: "stars", label: `${product.rating} of 5 stars, ${product.reviews} reviews` }, icon("star-filled", 16), h("b", {}, product.rating.toFixed(1)), h("small", {}, `(${product.reviews})`));
}

function card(product) {
  return h("button", { class: "card", id: `product_${product._id}`, onclick: () => productPage(product._id) }, picture(product), h("span", { class: "name" }, product.name), h("span", { class: "price" }, money(product.price_cents)), stars(product), product.stock === 0 && h("span", { class: "out" }, "Sold out"));
}

function cartButton() {
  const made = h("button", { class: "ui-icon-button with-count", label: "Cart", id: "cart", onclick: () => cartPage() }, icon("cart"));
  store.cartCount().then((count) => {
    if (!count) return;
    made.append(h("b", { class: "count" }, String(count)));
    made.setAttribute("aria-label", `Cart, ${count} ${count === 1 ? "item" : "items"}`);
  });
  return made;
}

function bottom(value) {
  return ui.bottomNav({ value, items: [{ value: "home", label: "Home", icon: "home" }, { value: "list", label: "Wish list", icon: "heart" }, { value: "orders", label: "Orders", icon: "bag" }, { value: "account", label: "Addresses", icon: "place" }], onchange: goTab });
}

// The bottom row's pages stand beside one another: each replaces what was open.
function goTab(value) {
  while (pages.stack.length > 1) pages.close();
  if (value === "list") listPage({ title: "Wish list", filter: { loved: true }, tab: "list" });
  else if (value === "orders") ordersPage();
  else if (value === "account") addressesPage();
}

function homePage() {
  const list = h("div", { class: "scroll" });
  const head = h("div");
  const foot = h("div");
  async function draw() {
    const [kinds, all] = [await store.categories(), await store.products()];
    fill(head, h("header", { class: "ui-bar" }, h("button", { class: "search-button", id: "search", onclick: () => listPage({ title: "Search", searching: true }) }, icon("search", 20), "Search the shop"), cartButton()));
    fill(list, h("button", { class: "banner", onclick: () => listPage({ title: "Outdoor", filter: { category: "Outdoor" } }) }, h("span", {}, h("b", {}, "Autumn outdoors"), h("small", {}, "Backpacks, lanterns and more")), picture(all.find((product) => product.picture === "backpack") ?? all[0] ?? {})),
      h("h2", {}, "Categories"), h("div", { class: "kinds" }, kinds.map((kind) => h("button", { class: "kind", label: `${kind.name}, ${kind.count} products`, onclick: () => listPage({ title: kind.name, filter: { category: kind.name } }) }, picture(all.find((product) => product.category === kind.name)), h("span", {}, kind.name)))),
      h("h2", {}, "Popular"), h("div", { class: "cards" }, all.slice(0, 12).map(card)), ui.button({ label: "Show all products", kind: "tonal", wide: true, onclick: () => listPage({ title: "All products" }) }));
    fill(foot, bottom("home"));
  }
  pages.open({ node: screenOf(head, list, foot), activity: `${ACTIVITY}MainActivity`, shown: draw });
}

function listPage({ title, filter = {}, searching = false, tab = "" }) {
  let wanted = { sort: "Featured", ...filter };
  const head = h("div");
  const list = h("div", { class: "scroll" });
  const input = searching && h("input", { class: "bar-input", label: "Search the shop", placeholder: "Search the shop", enterkeyhint: "search", autocomplete: "off", spellcheck: "false", oninput: () => { wanted.text = input.value; draw(); }, onkeydown: (event) => { if (event.key === "Enter") input.blur(); } });

  async function chooseSort() {
    const sort = await ui.choose({ title: "Sort by", options: Object.keys(SORTS), value: wanted.sort });
    if (sort) wanted.sort = sort;
    draw();
  }

  async function chooseFilter() {
    const kinds = (await store.categories()).map((kind) => kind.name);
    const next = { ...wanted };
    const amount = (text) => Math.round(Number(text.replace(",", ".")) * 100) || 0;
    const shown = (cents) => (cents ? String(cents / 100) : "");
    const low = ui.field({ label: "Price from ($)", type: "number", value: shown(next.low), id: "price_from" });
    const high = ui.field({ label: "Price to ($)", type: "number", value: shown(next.high), id: "price_to" });
    const close = ui.sheet({ title: "Filter", content: h("div", { class: "filters" },
      h("div", { class: "chip-field" }, h("span", {}, "Category"), chipGroup(["All", ...kinds], next.category || "All", (value) => { next.category = value === "All" ? "" : value; })),
      h("div", { class: "pair" }, low, high),
      h("div", { class: "chip-field" }, h("span", {}, "Rating"), chipGroup(["Any", "4.0 and up", "4.5 and up"], next.rating ? `${next.rating.toFixed(1)} and up` : "Any", (value) => { next.rating = Number.parseFloat(value) || 0; })),
      ui.switchRow({ title: "In stock only", checked: Boolean(next.available), onchange: (on) => { next.available = on; } }),
      h("div", { class: "pair buttons" }, ui.button({ label: "Reset", kind: "outlined", wide: true, onclick: () => { wanted = { sort: wanted.sort, text: wanted.text, ...filter }; close(); draw(); } }),
        ui.button({ label: "Show", kind: "filled", wide: true, id: "apply_filter", onclick: () => { wanted = { ...next, low: amount(low.value), high: amount(high.value) }; close(); draw(); } }))) });
  }

  async function draw() {
    const idle = searching && !wanted.text?.trim();
    const found = idle ? [] : await store.products(wanted);
    if (searching) {
      if (!input.isConnected) fill(head, h("header", { class: "ui-bar" }, iconButton("back", "Navigate up", () => pages.back()), input, cartButton()), h("div", { class: "chip-line" }));
    } else fill(head, bar({ title, text: `${found.length} ${found.length === 1 ? "product" : "products"}`, back: tab ? null : () => pages.back(), actions: [cartButton()] }), h("div", { class: "chip-line" }));
    const narrowed = [wanted.category && wanted.category !== filter.category, wanted.low || wanted.high, wanted.rating, wanted.available].filter(Boolean).length;
    fill(head.lastChild, ui.chip({ label: wanted.sort, icon: "sort", onclick: chooseSort }), ui.chip({ label: narrowed ? `Filter (${narrowed})` : "Filter", icon: "filter", checked: narrowed > 0, onclick: chooseFilter }));
    fill(list, found.length ? h("div", { class: "cards" }, found.map(card)) : idle ? nothing("search", "What are you looking for?", "Search names, categories and descriptions.") : tab ? nothing("heart", "Your wish list is empty", "Tap the heart of a product to keep it here.") : nothing("search", "No products found", "Try other words or fewer filters."));
  }

  pages.open({ node: screenOf(head, list, tab && bottom(tab)), activity: `${ACTIVITY}ProductListActivity`, shown: draw, opened: () => input && input.focus() });
}

function productPage(id) {
  const head = h("div");
  const list = h("div", { class: "scroll product" });
  const foot = h("div", { class: "foot" });
  const picked = {};
  let quantity = 1;

  async function draw() {
    const product = await store.product(id);
    const options = JSON.parse(product.options);
    const loved = await store.isLoved(id);
    for (const [name, values] of Object.entries(options)) picked[name] ??= values.length === 1 ? values[0] : "";
    quantity = Math.max(1, Math.min(quantity, product.stock));
    fill(head, bar({ title: product.name, back: () => pages.back(), actions: [
      iconButton(loved ? "heart-filled" : "heart", loved ? "Remove from wish list" : "Add to wish list", async () => { await store.love(id, !loved); draw(); }),
      iconButton("share", "Share", () => share({ text: `${product.name}, ${money(product.price_cents)}`, title: product.name })), cartButton()] }));
    fill(list, h("div", { class: "big" }, picture(product)), h("div", { class: "body" }, h("h2", { class: "name" }, product.name), stars(product), h("p", { class: "price" }, money(product.price_cents)),
      h("p", { class: product.stock ? "stock" : "stock none" }, product.stock === 0 ? "Sold out" : product.stock < 10 ? `Only ${product.stock} left` : "In stock"),
      Object.entries(options).map(([name, values]) => h("div", { class: "option" }, h("span", {}, name), optionChips(name, values))),
      product.stock > 0 && h("div", { class: "option" }, h("span", {}, "Quantity"), stepper(quantity, product.stock, (value) => { quantity = value; draw(); })),
      h("h3", {}, "Description"), h("p", { class: "prose" }, product.description), h("p", { class: "prose soft" }, `Delivery 3 to 5 days, free from ${money(FREE_FROM)}. Return within 30 days.`)));
    fill(foot, ui.button({ label: product.stock ? `Add to cart, ${money(product.price_cents * quantity)}` : "Sold out", kind: "filled", wide: true, icon: "cart", id: "add_to_cart", disabled: product.stock === 0, onclick: () => add(product) }));
  }

  function optionChips(name, values) {
    const group = chipGroup(values, picked[name] || null, (value) => { picked[name] = value; });
    if (!picked[name]) for (const chip of group.children) chip.setAttribute("aria-checked", "false");
    return group;
  }

  async function add(product) {
    const missing = Object.keys(picked).find((name) => !picked[name]);
    if (missing) return void phone.toast(`Choose: ${missing}`);
    const count = await store.addToCart(product, Object.values(picked).join(", "), quantity);
    if (!count) return void phone.toast("All that we have is in your cart already");
    await draw();
    ui.snackbar(`${count} x ${product.name} added`, { action: "View cart", onclick: () => cartPage() });
  }

  pages.open({ node: screenOf(head, list, foot), activity: `${ACTIVITY}ProductActivity`, shown: draw });
}

function stepper(value, most, onchange, least = 1) {
  return h("div", { class: "stepper" }, iconButton("remove", "Decrease quantity", () => onchange(value - 1), { disabled: value <= least }), h("b", { label: `Quantity ${value}` }, String(value)), iconButton("add", "Increase quantity", () => onchange(value + 1), { disabled: value >= most }));
}
