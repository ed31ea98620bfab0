// The list of contacts: favourites first, letters between, a search field above.
"use strict";

function listPage() {
  let contacts = [];
  const list = h("div", { class: "ui-body has-fab", role: "list" });
  const search = ui.searchField({ placeholder: "Search contacts", oninput: () => draw() });
  const input = search.input;
  const page = h("div", { class: "ui-screen" },
    h("div", { class: "ui-bar" }, search),
    list,
    h("button", { class: "ui-fab", label: "Create contact", onclick: () => openEditor(null, {}) }, icon("add")));

  function row(contact) {
    return h("button", { class: "ui-row line", onclick: () => openContact(contact._id) }, people.avatar(contact.display_name), h("span", { class: "title" }, contact.display_name));
  }

  function heading(text, sign) {
    return h("div", { class: "ui-section" }, sign ? icon(sign) : null, text);
  }

  function letterOf(contact) {
    const letter = contact.display_name.normalize("NFD")[0].toLocaleUpperCase();
    return /\p{L}/u.test(letter) ? letter : "#";
  }

  function sections() {
    const nodes = [];
    const starred = contacts.filter((contact) => contact.starred);
    if (starred.length) nodes.push(heading("Favorites", "star-filled"), ...starred.map(row));
    let letter = "";
    for (const contact of contacts) {
      if (letterOf(contact) !== letter) {
        letter = letterOf(contact);
        nodes.push(heading(letter));
      }
      nodes.push(row(contact));
    }
    return nodes;
  }

  function found(wanted) {
    const number = people.digits(wanted);
    return contacts.filter((contact) => [contact.display_name, contact.email, contact.company].some((text) => String(text || "").toLocaleLowerCase().includes(wanted))
      || (number.length > 1 && people.digits(contact.number).includes(number)));
  }

  function draw() {
    const wanted = input.value.trim().toLocaleLowerCase();
    if (!contacts.length) fill(list, emptyNote("person", "No contacts yet", "Contacts that you create appear here."));
    else if (!wanted) fill(list, sections());
    else {
      const rows = found(wanted);
      fill(list, rows.length ? rows.map(row) : emptyNote("search", "No contacts found", `Nothing matches “${input.value.trim()}”.`));
    }
  }

  async function refresh() {
    contacts = await people.all();
    draw();
  }

  function back() {
    if (!input.value) return false;
    input.value = "";
    input.dispatchEvent(new Event("input"));
    return true;
  }

  return { node: page, refresh, back, activity: "com.android.contacts.activities.PeopleActivity" };
}
