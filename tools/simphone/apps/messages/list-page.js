// The conversations, the newest first; a search field above; long press for more.
"use strict";

function listPage() {
  let contacts = [], threads = [];
  const list = h("div", { class: "scroll list", role: "list" });
  const input = h("input", { class: "search-input", placeholder: "Search", label: "Search", oninput: draw });
  const clear = h("button", { class: "icon-button", label: "Clear search", onclick: () => { input.value = ""; draw(); input.focus(); } }, svg(icons.close));
  const page = h("div", { class: "page" },
    h("div", { class: "search-bar" }, h("span", { class: "search-icon" }, svg(icons.search)), input, clear),
    list,
    h("button", { class: "round-button fab", label: "Start conversation", onclick: () => pages.push(recipientPage()) }, svg(icons.plus)));

  function row(thread) {
    const name = people.nameOf(contacts, thread.address);
    const prefix = thread.type === messages.SENT ? "You: " : "";
    return h("button", { class: thread.unread ? "row thread unread" : "row thread", onclick: () => openThread(thread.thread, thread.address),
      oncontextmenu: (event) => { event.preventDefault(); more(thread, name); } },
    people.avatar(name),
    h("span", { class: "row-text" },
      h("span", { class: "thread-top" }, h("span", { class: "row-main" }, name), h("span", { class: "thread-date" }, people.when(thread.date))),
      h("span", { class: "thread-bottom" }, h("span", { class: "row-sub", dir: "auto" }, prefix + thread.body), thread.unread ? h("span", { class: "badge", label: `${thread.unread} unread` }, String(thread.unread)) : null)));
  }

  async function more(thread, name) {
    const picked = await ui.sheet(name, [thread.unread ? "Mark as read" : "Mark as unread", "Copy number", "Call", "Delete"]);
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
    fill(list, rows.length ? rows : emptyNote(icons.search, "No messages found", `Nothing matches “${wanted}”.`));
  }

  function resultRow(message) {
    const name = people.nameOf(contacts, message.address);
    return h("button", { class: "row thread", onclick: () => openThread(message.thread, message.address, message._id) }, people.avatar(name),
      h("span", { class: "row-text" }, h("span", { class: "thread-top" }, h("span", { class: "row-main" }, name), h("span", { class: "thread-date" }, people.when(message.date))),
        h("span", { class: "row-sub", dir: "auto" }, message.body)));
  }

  function draw() {
    clear.hidden = !input.value;
    const wanted = input.value.trim();
    if (wanted) return results(wanted);
    fill(list, threads.length ? threads.map(row) : emptyNote(icons.message, "No conversations", "Messages that you send and get appear here."));
    return null;
  }

  async function refresh() {
    [contacts, threads] = await Promise.all([people.all(), messages.threads()]);
    await draw();
  }

  function back() {
    if (!input.value) return false;
    input.value = "";
    draw();
    return true;
  }

  return { node: page, refresh, back, activity: "com.simplemobiletools.smsmessenger.activities.MainActivity" };
}
