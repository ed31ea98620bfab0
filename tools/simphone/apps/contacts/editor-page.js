// The form of a new contact or of one that is there.
"use strict";

const NUMBER_TYPES = ["Mobile", "Home", "Work", "Main", "Other"];

function editorPage(id, start, done) {
  const first = store.cleaned({ number_type: "Mobile", ...start });
  if (!first.number_type) first.number_type = "Mobile";
  const inputs = {};

  function field(name, hint, sign, type = "text") {
    const input = h(type === "area" ? "textarea" : "input", { class: "field-input", type: type === "area" ? null : type, placeholder: hint, "data-id": name, rows: type === "area" ? 3 : null });
    input.value = first[name];
    inputs[name] = input;
    return h("label", { class: "field" }, h("span", { class: "field-icon" }, sign ? icon(sign) : null), input);
  }

  const kind = h("button", { class: "field-kind", onclick: pickKind });
  let numberType = first.number_type;

  function drawKind() {
    kind.setAttribute("aria-label", `${numberType} Phone`);
    fill(kind, h("span", {}, numberType), icon("chevron-down"));
  }

  async function pickKind() {
    const picked = await menu(kind, NUMBER_TYPES);
    if (picked) numberType = picked;
    drawKind();
  }

  function values() {
    return { ...Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value])), number_type: numberType };
  }

  function isChanged() {
    const now = store.cleaned(values());
    return store.FIELDS.some((name) => now[name] !== first[name]);
  }

  async function save() {
    if (store.isEmpty(values())) {
      phone.toast("Nothing to save");
      return;
    }
    const saved = await store.save(id, values());
    phone.toast(`${id ? "Contact saved" : "Contact created"}`);
    await pages.remove(page);
    done(saved);
  }

  async function close() {
    if (isChanged() && !(await confirm("Discard changes?", "", "Discard"))) return;
    await pages.remove(page);
  }

  function back() {
    close();
    return true;
  }

  const page = h("div", { class: "ui-screen" },
    h("header", { class: "ui-bar" },
      h("button", { class: "ui-icon-button", label: "Cancel", onclick: close }, icon("close")),
      h("div", { class: "titles" }, h("h1", {}, id ? "Edit contact" : "Create contact")),
      h("button", { class: "text-button", onclick: save }, "Save")),
    h("div", { class: "ui-body form" },
      field("first_name", "First name", "person"), field("last_name", "Last name"), field("company", "Company", "home"),
      field("number", "Phone", "phone", "tel"), h("div", { class: "field" }, h("span", { class: "field-icon" }), kind),
      field("email", "Email", "mail", "email"), field("note", "Notes", "note", "area")));
  drawKind();
  return { node: page, refresh() {}, back, activity: "com.android.contacts.activities.ContactEditorActivity", opened: () => inputs.first_name.focus() };
}
