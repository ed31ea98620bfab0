// Who a new message goes to: a number that is typed, or a contact.
"use strict";

function recipientPage(options = {}) {
  let contacts = [];
  const list = h("div", { class: "scroll list" });
  const input = h("input", { class: "search-input", placeholder: "Add Contact or Number…", label: "Add Contact or Number…", "data-id": "new_conversation_address", oninput: draw,
    onkeydown: (event) => { if (event.key === "Enter") confirmNumber(); } });
  const ok = h("button", { class: "icon-button", label: "Confirm selection", "data-id": "new_conversation_confirm", onclick: confirmNumber }, svg(icons.check));
  const page = h("div", { class: "page" },
    h("header", { class: "bar" }, h("button", { class: "icon-button", label: "Navigate up", onclick: () => pages.pop() }, svg(icons.back)), h("h1", { class: "title" }, "New conversation")),
    h("div", { class: "search-bar" }, h("span", { class: "search-icon" }, svg(icons.personAdd)), input, ok),
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
    const nodes = rows.map((contact) => h("button", { class: "row", onclick: () => choose(contact.number) }, people.avatar(contact.display_name),
      h("span", { class: "row-text" }, h("span", { class: "row-main" }, contact.display_name), h("span", { class: "row-sub" }, contact.number))));
    if (number.length > 1) {
      nodes.push(h("button", { class: "row", onclick: confirmNumber }, h("span", { class: "avatar plain" }, svg(icons.message)), h("span", { class: "row-main accent" }, `Send to ${typed}`)));
    }
    fill(list, nodes.length ? nodes : emptyNote(icons.people, "No contacts with a number", "Type a phone number above."));
  }

  async function refresh() {
    contacts = await people.all();
    draw();
  }

  return { node: page, refresh, opened: () => input.focus(), activity: "com.simplemobiletools.smsmessenger.activities.NewConversationActivity" };
}
