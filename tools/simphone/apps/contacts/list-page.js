// The list of contacts: favourites first, letters between, a search field above.
"use strict";

function listPage() {
  let contacts = [];
  const list = h("div", { class: "scroll list", role: "list" });
  const input = h("input", { class: "search-input", type: "text", placeholder: "Search contacts", label: "Search contacts", oninput: draw });
  const clear = h("button", { class: "icon-button", label: "Clear search", onclick: () => { input.value = ""; draw(); input.focus(); } }, svg(icons.close));
  const page = h("div", { class: "page" },
    h("div", { class: "search-bar" }, h("span", { class: "search-icon" }, svg(icons.search)), input, clear),
    list,
    h("button", { class: "round-button fab", label: "Create contact", onclick: () => openEditor(null, {}) }, svg(icons.plus)));

  function row(contact) {
    return h("button", { class: "row", onclick: () => openContact(contact._id) }, people.avatar(contact.display_name), h("span", { class: "row-main" }, contact.display_name));
  }

  function heading(text, icon) {
    return h("div", { class: "letter" }, icon ? svg(icon) : null, text);
  }

  function letterOf(contact) {
    const letter = contact.display_name.normalize("NFD")[0].toLocaleUpperCase();
    return /\p{L}/u.test(letter) ? letter : "#";
  }

  function sections() {
    const nodes = [];
    const starred = contacts.filter((contact) => contact.starred);
    if (starred.length) nodes.push(heading("Favorites", icons.starFull), ...starred.map(row));
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
    clear.hidden = !input.value;
    if (!contacts.length) fill(list, emptyNote(icons.person, "No contacts yet", "Contacts that you create appear here."));
    else if (!wanted) fill(list, sections());
    else {
      const rows = found(wanted);
      fill(list, rows.length ? rows.map(row) : emptyNote(icons.search, "No contacts found", `Nothing matches “${input.value.trim()}”.`));
    }
  }

  async function refresh() {
    contacts = await people.all();
    draw();
  }

  function back() {
    if (!input.value) return false;
    input.value = "";
    draw();
    return true;
  }

  refresh();
  return { node: page, refresh, back, activity: "com.android.contacts.activities.PeopleActivity" };
}
