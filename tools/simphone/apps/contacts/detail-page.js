// One contact: call, message and mail it, star it, edit it, delete it.
"use strict";

function detailPage(id) {
  const body = h("div", { class: "ui-body" });
  const star = h("button", { class: "ui-icon-button", onclick: toggleStar });
  const page = h("div", { class: "ui-screen" },
    h("header", { class: "ui-bar" },
      backButton(),
      h("span", { class: "grow" }),
      h("button", { class: "ui-icon-button", label: "Edit contact", onclick: edit }, icon("edit")),
      star,
      h("button", { class: "ui-icon-button", label: "More options", onclick: more }, icon("more"))),
    body);
  let contact = null;

  async function toggleStar() {
    await store.star(id, !contact.starred);
    phone.toast(contact.starred ? "Removed from favorites" : "Added to favorites");
    await refresh();
  }

  function edit() {
    openEditor(id, contact);
  }

  async function more(event) {
    const picked = await menu(event.currentTarget, ["Delete", "Share"]);
    if (picked === "Share") await share();
    if (picked === "Delete") await remove();
  }

  function share() {
    const text = [contact.display_name, contact.number, contact.email].filter(Boolean).join("\n");
    return phone.start({ action: "android.intent.action.SENDTO", data: "smsto:", extras: { sms_body: text } });
  }

  async function remove() {
    if (!(await confirm("Delete contact?", `${contact.display_name} will be removed from this phone.`, "Delete"))) return;
    await store.remove(id);
    phone.toast(`${contact.display_name} deleted`);
    await pages.pop();
  }

  function action(label, sign, run, enabled) {
    return h("button", { class: "round-action", label, disabled: !enabled, onclick: run }, h("span", { class: "round-icon" }, icon(sign)), h("span", {}, label));
  }

  function call() {
    return phone.start({ action: "android.intent.action.CALL", data: `tel:${encodeURIComponent(contact.number)}` });
  }

  function message() {
    return phone.start({ action: "android.intent.action.SENDTO", data: `smsto:${encodeURIComponent(contact.number)}` });
  }

  async function copy(text) {
    await phone.clipboard.set(text);
    phone.toast("Copied to clipboard");
  }

  function info(sign, text, kind, run, label) {
    return h("button", { class: "ui-row line", onclick: run, label: `${label} ${text}` }, icon(sign),
      h("span", { class: "texts" }, h("span", { class: "title" }, text), kind ? h("span", { class: "text" }, kind) : null));
  }

  function draw() {
    star.setAttribute("aria-label", contact.starred ? "Remove from favorites" : "Add to favorites");
    fill(star, icon(contact.starred ? "star-filled" : "star"));
    const lines = [
      contact.number ? info("phone", contact.number, contact.number_type || "Mobile", call, "Call") : null,
      contact.email ? info("mail", contact.email, "Email", () => copy(contact.email), "Copy") : null,
    ].filter(Boolean);
    fill(body,
      h("div", { class: "head" }, people.avatar(contact.display_name, true), h("h1", { class: "head-name" }, contact.display_name),
        contact.company ? h("div", { class: "quiet" }, contact.company) : null),
      h("div", { class: "round-row" },
        action("Call", "phone", call, contact.number), action("Message", "message", message, contact.number)),
      h("div", { class: "card" }, h("div", { class: "card-title" }, "Contact info"), lines.length ? lines : h("p", { class: "quiet pad" }, "Add a phone number or an email address.")),
      contact.note ? h("div", { class: "card" }, h("div", { class: "card-title" }, "Notes"), h("p", { class: "pad note" }, contact.note)) : null);
  }

  async function refresh() {
    contact = await people.one(id);
    if (contact) draw();
    else await pages.remove(page);
  }

  refresh();
  return { node: page, refresh, activity: "com.android.contacts.quickcontact.QuickContactActivity" };
}
