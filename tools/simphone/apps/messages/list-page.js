// The conversations, the newest first; a search field above; long press for more.
"use strict";

function listPage() {
  let contacts = [], threads = [];
  const list = h("div", { class: "ui-body has-fab", role: "list" });
  const search = ui.searchField({ placeholder: "Search", oninput: () => draw() });
  const input = search.input;
  const page = h("div", { class: "ui-screen" },
    h("div", { class: "ui-bar" }, search),
    list,
    h("button", { class: "ui-fab", label: "Start conversation", onclick: () => pages.push(recipientPage()) }, icon("add")));

  function row(thread) {
    const name = people.nameOf(contacts, thread.address);
    const prefix = thread.type === messages.SENT ? "You: " : "";
    return ui.onLong(h("button", { class: thread.unread ? "ui-row thread unread" : "ui-row thread", onclick: () => openThread(thread.thread, thread.address) },
    people.avatar(name),
    h("span", { class: "texts" },
      h("span", { class: "thread-top" }, h("span", { class: "title" }, name), h("span", { class: "thread-date" }, people.when(thread.date))),
      h("span", { class: "thread-bottom" }, h("span", { class: "text", dir: "auto" }, prefix + thread.body), thread.unread ? h("span", { class: "badge", label: `${thread.unread} unread` }, String(thread.unread)) : null))), () => more(thread, name));
  }

  async function more(thread, name) {
    const picked = await sheet(name, [thread.unread ? "Mark as read" : "Mark as unread", "Copy number", "Call", "Delete"]);
    if (picked === "Mark as read") await messages.markRead(thread.thread);
    if (picked === "Mark as unread") await messages.markUnread(thread.thread);
    if (picked === "Copy number") await copyText(thread.address);
    if (picked === "Call") await phone.start({ action: "android.intent.action.CALL", data: `tel:${encodeURIComponent(thread.address)}` });
    if (picked === "Delete" && (await confirm("Delete conversation?", `All ${thread.count} messages with ${name} will be deleted.`, "Delete"))) await messages.removeThread(thread.thread);
    await refresh();
  }

  async function results(wanted) {
    const found = await messages.search(wanted);
    const low = wanted.toLocaleLowerCase();
    const named = threads.filter((thread) => people.nameOf(contacts, thread.address).toLocaleLowerCase().includes(low));
    if (input.value.trim() !== wanted) return;
    const rows = [...named.map(row), ...found.map((message) => resultRow(message))];
    fill(list, rows.length ? rows : emptyNote("search", "No messages found", `Nothing matches “${wanted}”.`));
  }

  function resultRow(message) {
    const name = people.nameOf(contacts, message.address);
    return h("button", { class: "ui-row thread", onclick: () => openThread(message.thread, message.address, message._id) }, people.avatar(name),
      h("span", { class: "texts" }, h("span", { class: "thread-top" }, h("span", { class: "title" }, name), h("span", { class: "thread-date" }, people.when(message.date))),
        h("span", { class: "text", dir: "auto" }, message.body)));
  }

  function draw() {
    const wanted = input.value.trim();
    if (wanted) return results(wanted);
    fill(list, threads.length ? threads.map(row) : emptyNote("message", "No conversations", "Messages that you send and get appear here."));
    return null;
  }

  async function refresh() {
    [contacts, threads] = await Promise.all([people.all(), messages.threads()]);
    await draw();
  }

  function back() {
    if (!input.value) return false;
    input.value = "";
    input.dispatchEvent(new Event("input"));
    return true;
  }

  return { node: page, refresh, back, activity: "com.simplemobiletools.smsmessenger.activities.MainActivity" };
}
