// One conversation: bubbles, the field below them, and what a long press on a bubble offers.
"use strict";

function threadPage(thread, number, options = {}) {
  let contacts = [], shownIds = "", current = thread;
  const title = h("h1");
  const list = h("div", { class: "ui-body bubbles" });
  const input = h("textarea", { class: "compose-input", rows: 1, placeholder: "Type a message…", label: "Type a message…", "data-id": "thread_type_message", oninput: grow });
  const counter = h("span", { class: "counter" });
  const sendButton = h("button", { class: "send", label: "Send message", "data-id": "thread_send_message", onclick: send }, icon("send"), h("span", {}, "SMS"));
  input.value = options.body || "";
  const page = h("div", { class: "ui-screen" },
    h("header", { class: "ui-bar" },
      backButton(), h("div", { class: "titles" }, title),
      h("button", { class: "ui-icon-button", label: "Dial number", onclick: () => phone.start({ action: "android.intent.action.DIAL", data: `tel:${encodeURIComponent(number)}` }) }, icon("phone")),
      h("button", { class: "ui-icon-button", label: "More options", onclick: more }, icon("more"))),
    list,
    h("div", { class: "compose" }, h("div", { class: "compose-box" }, input, counter), sendButton));

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
    const { count, left } = messages.parts(input.value);
    counter.textContent = input.value && (left <= 20 || count > 1) ? `${left}/${count}` : "";
    sendButton.disabled = !input.value.trim();
  }

  async function send() {
    const text = input.value;
    if (!text.trim()) return;
    if (phone.settings.get("global", "airplane_mode_on") === "1") {
      phone.toast("Not sent: aeroplane mode is on");
      return;
    }
    input.value = "";
    input.focus();
    grow();
    await phone.sendSms(number, text);
    if (current === null) current = await messages.threadOf(number);
    await refresh();
    list.scrollTop = list.scrollHeight;
  }

  async function more(event) {
    const known = people.find(contacts, number);
    const picked = await menu(event.currentTarget, [known ? "View contact" : "Add contact", "Copy number", "Delete conversation"]);
    if (picked === "View contact") await phone.start({ action: "android.intent.action.VIEW", data: `content://com.android.contacts/contacts/${known._id}` });
    if (picked === "Add contact") await phone.start({ action: "android.intent.action.INSERT", mime: "vnd.android.cursor.dir/contact", extras: { phone: number } });
    if (picked === "Copy number") await copyText(number);
    if (picked === "Delete conversation" && (await confirm("Delete conversation?", `All messages with ${people.nameOf(contacts, number)} will be deleted.`, "Delete"))) {
      await messages.removeThread(current);
      await pages.pop();
    }
  }

  async function messageMore(message) {
    const picked = await sheet(message.body, ["Copy to clipboard", "Forward", "Details", "Delete"]);
    if (picked === "Copy to clipboard") await copyText(message.body);
    if (picked === "Forward") pages.push(recipientPage({ body: message.body }));
    if (picked === "Details") await ui.dialog({ title: "Message details", text: detailsOf(message), buttons: ["OK"] });
    if (picked === "Delete" && (await confirm("Delete message?", "It will be removed from this conversation.", "Delete"))) {
      await messages.removeMessage(message._id);
      await refresh();
    }
  }

  function detailsOf(message) {
    const sent = message.type === messages.SENT;
    const day = dates.dayText(dates.parts(message.date), { weekday: "long", year: "numeric", month: "long", day: "numeric" });
    return `${sent ? "To" : "From"}: ${message.address}\n${sent ? "Sent" : "Received"}: ${day}, ${dates.timeText(message.date)}`;
  }

  function bubble(message) {
    const sent = message.type === messages.SENT;
    return ui.onLong(h("button", { class: sent ? "bubble sent" : "bubble", "data-message": message._id, dir: "auto" }, message.body), () => messageMore(message));
  }

  function dayText(at) {
    const day = dates.number(dates.parts(at)), today = dates.number(dates.parts(phone.now().getTime()));
    const words = day === today ? "Today" : day === today - 1 ? "Yesterday" : dates.dayText(dates.parts(at), { weekday: "short", month: "short", day: "numeric" });
    return `${words}, ${dates.timeText(at)}`;
  }

  async function refresh() {
    contacts = await people.all();
    title.textContent = people.nameOf(contacts, number);
    if (current === null) current = await messages.threadOf(number);
    const rows = current === null ? [] : await messages.inThread(current);
    if (inFront()) {
      if (rows.some((row) => row.read === 0)) await messages.markRead(current);
      await dismissTitled(number, title.textContent);
    }
    const ids = rows.map((row) => row._id).join();
    if (ids === shownIds && list.childNodes.length) return;
    const nodes = [];
    let last = -Infinity;
    for (const row of rows) {
      if (row.date - last > 15 * 60000) nodes.push(h("div", { class: "when" }, dayText(row.date)));
      last = row.date;
      nodes.push(bubble(row));
    }
    fill(list, nodes.length ? nodes : h("p", { class: "quiet centred" }, "No messages yet. Say hello."));
    shownIds = ids;
    const wanted = options.message && list.querySelector(`[data-message="${options.message}"]`);
    options.message = null;
    if (wanted) wanted.scrollIntoView({ block: "center" });
    else list.scrollTop = list.scrollHeight;
  }

  grow();
  return { node: page, refresh, opened: () => { grow(); if (options.focus) input.focus(); list.scrollTop = list.scrollHeight; }, number, activity: "com.simplemobiletools.smsmessenger.activities.ThreadActivity" };
}
