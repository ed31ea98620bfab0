// The keypad: a number, contacts that fit it, and the button that calls.
"use strict";

const KEYS = [["1", ""], ["2", "ABC"], ["3", "DEF"], ["4", "GHI"], ["5", "JKL"], ["6", "MNO"], ["7", "PQRS"], ["8", "TUV"], ["9", "WXYZ"], ["*", ""], ["0", "+"], ["#", ""]];
const LETTERS = { a: 2, b: 2, c: 2, d: 3, e: 3, f: 3, g: 4, h: 4, i: 4, j: 5, k: 5, l: 5, m: 6, n: 6, o: 6, p: 7, q: 7, r: 7, s: 7, t: 8, u: 8, v: 8, w: 9, x: 9, y: 9, z: 9 };

function keyButton([key, letters], press) {
  const made = h("button", { class: "dial-key", label: letters ? `${key},${letters}` : key, id: key === "*" ? "star" : key === "#" ? "pound" : `key_${key}`, onclick: () => press(key) },
    h("b", {}, key), h("small", {}, letters));
  return key === "0" ? ui.onLong(made, () => press("+")) : made;
}

function keypadPage(number = "") {
  let contacts = [];
  const field = h("input", { class: "dial-number", inputmode: "none", label: "Phone number", "data-id": "digits", oninput: draw });
  field.value = number;
  const suggestions = h("div", { class: "ui-body" });
  const erase = ui.onLong(ui.iconButton({ icon: "backspace", label: "Backspace", id: "deleteButton", onclick: () => put("") }), clearAll);
  const page = h("div", { class: "ui-screen keypad-page" },
    suggestions,
    h("div", { class: "dial-top" }, h("span", { class: "icon-space" }), field, erase),
    h("div", { class: "dial-keys" }, KEYS.map((key) => keyButton(key, put))),
    h("div", { class: "dial-bottom" },
      h("button", { class: "ui-icon-button", label: "Hide keypad", onclick: () => pages.pop() }, icon("chevron-down")),
      h("button", { class: "call-button", label: "Dial", onclick: dial }, icon("phone"), h("span", {}, "Call")),
      h("span", { class: "icon-space" })));

  function put(key) {
    field.value = key ? field.value + key : field.value.slice(0, -1);
    draw();
  }

  function clearAll() {
    field.value = "";
    draw();
  }

  async function dial() {
    const typed = field.value.trim();
    if (typed) {
      await place(typed);
      return;
    }
    const last = (await people.sql(people.CALLS, "SELECT number FROM calls WHERE type = 2 ORDER BY date DESC, _id DESC LIMIT 1"))[0];
    if (last) field.value = last.number;
    draw();
  }

  function keysOf(name) {
    return [...name.normalize("NFD").toLowerCase()].map((letter) => LETTERS[letter] || (/\s/.test(letter) ? " " : "")).join("");
  }

  function fits(contact, wanted) {
    if (people.digits(contact.number).includes(wanted)) return true;
    return ` ${keysOf(contact.display_name)}`.includes(` ${wanted}`);
  }

  function draw() {
    const wanted = people.digits(field.value);
    erase.style.visibility = field.value ? "visible" : "hidden";
    field.classList.toggle("long", field.value.length > 14);
    field.scrollLeft = field.scrollWidth;
    const rows = wanted ? contacts.filter((contact) => contact.number && fits(contact, wanted)).slice(0, 20) : [];
    const nodes = rows.map((contact) => h("button", { class: "ui-row line", onclick: () => place(contact.number) }, people.avatar(contact.display_name),
      h("span", { class: "texts" }, h("span", { class: "title" }, contact.display_name), h("span", { class: "text" }, contact.number))));
    if (wanted && !rows.length) {
      nodes.push(h("button", { class: "ui-row line", onclick: () => phone.start({ action: "android.intent.action.INSERT", mime: "vnd.android.cursor.dir/contact", extras: { phone: field.value } }) },
        h("span", { class: "avatar plain" }, icon("person-add")), h("span", { class: "title accent" }, "Create new contact")),
      h("button", { class: "ui-row line", onclick: () => phone.start({ action: "android.intent.action.SENDTO", data: `smsto:${encodeURIComponent(field.value)}` }) },
        h("span", { class: "avatar plain" }, icon("message")), h("span", { class: "title accent" }, "Send a message")));
    }
    fill(suggestions, nodes);
  }

  async function refresh() {
    contacts = await people.all();
    draw();
  }

  refresh();
  return { node: page, refresh };
}
