// Who a new message goes to: a number that is typed, or a contact.
"use strict";

function recipientPage(options = {}) {
  let contacts = [];
  const list = h("div", { class: "ui-body has-fab" });
  const search = ui.searchField({ placeholder: "Add Contact or Number…", id: "new_conversation_address", oninput: () => draw(), onenter: confirmNumber });
  const input = search.input;
  const ok = h("button", { class: "ui-icon-button", label: "Confirm selection", "data-id": "new_conversation_confirm", onclick: confirmNumber }, icon("check"));
  const page = h("div", { class: "ui-screen" },
    h("header", { class: "ui-bar" }, backButton(), h("div", { class: "titles" }, h("h1", {}, "New conversation"))),
    h("div", { class: "ui-bar" }, search, ok),
    list);

  async function choose(number) {
    const thread = await messages.threadOf(number);
    await pages.replace(threadPage(thread, number, { body: options.body, focus: true }));
  }

  async function confirmNumber() {
    const typed = input.value.trim();
    if (!typed) return;
    const named = contacts.find((contact) => contact.number && contact.display_name.toLocaleLowerCase() === typed.toLocaleLowerCase());
    if (named) return choose(named.number);
    if (!/^[+*#\d][\d\s().*#/-]*$/.test(typed)) {
      phone.toast("That is no phone number");
      return null;
    }
    return choose(typed);
  }

  function draw() {
    const typed = input.value.trim();
    const low = typed.toLocaleLowerCase(), number = people.digits(typed);
    ok.style.visibility = typed ? "visible" : "hidden";
    const rows = contacts.filter((contact) => contact.number && (!typed || contact.display_name.toLocaleLowerCase().includes(low) || (number.length > 1 && people.digits(contact.number).includes(number))));
    const nodes = rows.map((contact) => h("button", { class: "ui-row line", onclick: () => choose(contact.number) }, people.avatar(contact.display_name),
      h("span", { class: "texts" }, h("span", { class: "title" }, contact.display_name), h("span", { class: "text" }, contact.number))));
    if (number.length > 1) {
      nodes.push(h("button", { class: "ui-row line", onclick: confirmNumber }, h("span", { class: "avatar plain" }, icon("message")), h("span", { class: "title accent" }, `Send to ${typed}`)));
    }
    fill(list, nodes.length ? nodes : emptyNote("people", "No contacts with a number", "Type a phone number above."));
  }

  async function refresh() {
    contacts = await people.all();
    draw();
  }

  return { node: page, refresh, opened: () => input.focus(), activity: "com.simplemobiletools.smsmessenger.activities.NewConversationActivity" };
}
