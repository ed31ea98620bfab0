// The app: its pages, and the intents that open them.
"use strict";

let listing;

function openContact(id) {
  return pages.push(detailPage(id));
}

// The form; once saved, the contact is shown.
function openEditor(id, fields) {
  return pages.push(editorPage(id, fields, async (saved) => {
    if (!id) await openContact(saved);
  }));
}

// The contact that an address names by its id at the end, or that has the number of a `tel:` one.
async function contactOf(address) {
  const id = Number((address.match(/(\d+)\/?$/) || [])[1]);
  return Number.isInteger(id) ? people.one(id) : null;
}

function fieldsOf(extras) {
  const types = { 1: "Home", 2: "Mobile", 3: "Work" };
  return {
    ...store.splitName(extras.name), number: extras.phone || "", number_type: types[extras.phone_type] || extras.phone_type || "Mobile",
    email: extras.email || "", company: extras.company || "", note: extras.notes || "",
  };
}

async function receive({ action = "", data = "", extras = {} }) {
  const kind = action.split(".").pop();
  if (kind === "INSERT" || kind === "INSERT_OR_EDIT") {
    await pages.reset(listing);
    await openEditor(null, fieldsOf(extras || {}));
  } else if (kind === "VIEW" || kind === "EDIT") {
    const contact = await contactOf(data || "");
    await pages.reset(listing);
    if (!contact) return;
    await openContact(contact._id);
    if (kind === "EDIT") await openEditor(contact._id, contact);
  } else if (!pages.depth) await pages.reset(listing);
}

phone.ready.then(async () => {
  listing = listPage();
  phone.onIntent(receive);
  onFiles([people.CONTACTS], () => pages.refresh());
  await receive(phone.intent);
});
