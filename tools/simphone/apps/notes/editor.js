"use strict";
// One note: text that is saved while it is typed, and what it looks like as Markdown.
function openEditor(path, { fresh = false } = {}) {
  let writing = Promise.resolve();
  let saved = "";
  let seen = false;
  const trail = { steps: [""], place: 0, at: 0 };
  const area = h("textarea", { class: "paper", id: "document__fragment__edit__highlighting_editor", label: "Note text", placeholder: "Write something", spellcheck: "false", autocapitalize: "sentences" });
  const shown = h("div", { class: "scroll shown selectable" });
  const head = h("div");
  const tools = h("div", { class: "tools" });

  function write(text) {
    saved = text;
    const target = path;
    writing = writing.then(() => phone.files.write(target, text)).catch((error) => phone.toast(`Not saved: ${error.message}`));
    return writing;
  }

  // Typing within a second is one step of undo.
  function remember(text) {
    const now = performance.now();
    trail.steps.length = trail.place + 1;
    if (now - trail.at < 1000 && trail.place > 0) trail.steps[trail.place] = text;
    else trail.place = trail.steps.push(text) - 1;
    trail.at = now;
  }

  function step(by) {
    const place = trail.place + by;
    if (place < 0 || place >= trail.steps.length) return;
    trail.place = place;
    trail.at = 0;
    area.value = trail.steps[place];
    void write(area.value);
    draw();
  }

  function typed() {
    remember(area.value);
    void write(area.value);
    drawTools();
  }

  function insert(before, after = "") {
    const { selectionStart: start, selectionEnd: end, value } = area;
    area.setRangeText(before + value.slice(start, end) + after, start, end, "end");
    if (start === end && after) area.setSelectionRange(start + before.length, start + before.length);
    area.focus();
    typed();
  }

  function lineStart(mark) {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    area.setRangeText(mark, start, start, "preserve");
    const place = Math.max(area.selectionStart, start + mark.length);
    area.setSelectionRange(place, place);
    area.focus();
    typed();
  }

  // A box in the preview turns "[ ]" of its line into "[x]" and back.
  function check(number) {
    const lines = area.value.split("\n");
    lines[number] = /\[ \]/.test(lines[number]) ? lines[number].replace("[ ]", "[x]") : lines[number].replace(/\[[xX]\]/, "[ ]");
    area.value = lines.join("\n");
    typed();
    fill(shown, markdown(area.value, check));
  }

  function drawTools() {
    const tool = (label, sign, work) => h("button", { class: "tool", label, onclick: work, onpointerdown: (event) => event.preventDefault() }, sign);
    fill(tools,
      iconButton("undo", "Undo", () => step(-1), { disabled: trail.place === 0 }), iconButton("redo", "Redo", () => step(1), { disabled: trail.place === trail.steps.length - 1 }),
      tool("Heading", "H", () => lineStart("# ")), tool("Bold", "B", () => insert("**", "**")), tool("Italic", h("i", {}, "I"), () => insert("*", "*")),
      tool("Bullet list", "•", () => lineStart("- ")), tool("To-do list", "☐", () => lineStart("- [ ] ")));
  }

  function draw() {
    const name = paths.nameOf(path);
    const flip = () => { seen = !seen; area.blur(); draw(); };
    fill(head, bar({ title: name, back: () => pages.back(), actions: [
      iconButton("save", "Save", async () => { await write(area.value); phone.toast("Saved"); }),
      seen ? iconButton("edit", "Edit", flip) : iconButton("eye", "Preview", flip), iconButton("more", "More options", more)] }));
    area.hidden = seen;
    tools.hidden = seen;
    shown.hidden = !seen;
    if (seen) fill(shown, name.endsWith(".txt") ? h("div", { class: "plain" }, area.value) : markdown(area.value, check));
    drawTools();
  }

  async function more(event) {
    const picked = await menu(event.currentTarget, ["Share", "Rename", "Move", "File info", "Delete"]);
    if (picked === "Share") await share({ path });
    else if (picked === "Rename") {
      const to = await renameEntry(path);
      if (to) path = to;
      draw();
    } else if (picked === "Move") {
      const [to] = await moveEntries([path]);
      if (to) path = to;
    } else if (picked === "File info") await showInfo(path);
    else if (picked === "Delete" && (await deleteEntries([path]))) pages.close(page);
  }

  async function load() {
    try {
      const text = await phone.files.text(path);
      if (text === saved && area.value === saved) return;
      saved = text;
      area.value = text;
      trail.steps = [text];
      trail.place = 0;
    } catch {
      phone.toast("The file is no longer there");
      pages.close(page);
      return;
    }
    draw();
  }

  area.addEventListener("input", typed);
  const off = phone.on("files", (changed) => { if (changed === path && area.value === saved) void writing.then(load); });
  const page = {
    node: h("div", { class: "ui-screen" }, head, area, shown, tools),
    activity: "net.gsantner.markor.activity.DocumentActivity",
    path: () => path,
    opened: () => { if (fresh) area.focus(); },
    closed: () => off?.(),
  };
  draw();
  void load();
  pages.open(page);
  return page;
}
