// The app: its pages, and the intents that open them.
"use strict";

let listing;

function openThread(thread, number, message = null) {
  return pages.push(threadPage(thread, number, { message }));
}

async function copyText(text) {
  await phone.clipboard.set(text);
  phone.toast("Value copied to clipboard");
}

// Number and text of an address as `smsto:555-0100?body=Hello`.
function addressOf(data) {
  const match = data.match(/^(?:smsto|sms|mmsto|mms):(?:\/\/)?([^?]*)(?:\?(.*))?$/i);
  if (!match) return { number: "", body: "" };
  const body = new URLSearchParams(match[2] || "").get("body") || "";
  return { number: decodeURIComponent(match[1]).trim(), body };
}

async function receive({ action = "", data = "", extras = {} }) {
  const kind = action.split(".").pop();
  if (kind !== "SENDTO" && kind !== "VIEW" && kind !== "SEND") {
    if (!pages.depth) await pages.reset(listing);
    return;
  }
  const given = addressOf(data || "");
  const body = String((extras && (extras.sms_body || extras["android.intent.extra.TEXT"])) || given.body || "");
  await pages.reset(listing);
  if (!given.number) await pages.push(recipientPage({ body }));
  else await pages.push(threadPage(await messages.threadOf(given.number), given.number, { body, focus: true }));
}

phone.ready.then(async () => {
  listing = listPage();
  phone.onIntent(receive);
  onFiles([people.MESSAGES, people.CONTACTS], () => pages.refresh());
  onFront(() => pages.refresh());
  await receive(phone.intent);
});
