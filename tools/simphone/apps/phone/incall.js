// What is shown while a call rings, is dialled or goes on. Mute, speaker and hold are the line's own; the phone knows the rest.
"use strict";

const incall = (() => {
  const IN_CALL = "com.android.incallui.InCallActivity";
  let page = null, shown = "", name = "", clock = null, over = false;
  let own = { mute: false, speaker: false, hold: false, keypad: false, tones: "" };

  function call() {
    return phone.calling() || {};
  }

  function seconds() {
    return Math.max(0, Math.floor((phone.now().getTime() - Number(call().since || 0)) / 1000));
  }

  function clockText() {
    const all = seconds();
    return `${dates.pad(Math.floor(all / 60))}:${dates.pad(all % 60)}`;
  }

  function stateText() {
    if (call().state === "ringing") return "Incoming call";
    if (call().state === "dialing") return "Calling…";
    return own.hold ? "On hold" : clockText();
  }

  function toggle(key, label, sign) {
    const on = own[key];
    return h("button", { class: on ? "line-button on" : "line-button", label, "aria-pressed": String(on), onclick: () => { own[key] = !on; draw(); } },
      h("span", { class: "line-icon" }, icon(sign)), h("span", {}, label));
  }

  function ringingButtons() {
    const action = (label, sign, kind, onclick) => h("button", { class: "ring-action", label, onclick }, h("span", { class: `big-round ${kind}` }, icon(sign)), h("span", {}, label));
    return h("div", { class: "ring-actions" },
      action("Decline", "call-end", "end", () => phone.callState({})), action("Answer", "phone", "answer", () => phone.callState({ state: "active" })));
  }

  function tone(key) {
    own.tones += key;
    draw();
  }

  function lineButtons() {
    const add = h("button", { class: "line-button", label: "Contacts", onclick: () => phone.start({ package: "com.google.android.contacts" }) }, h("span", { class: "line-icon" }, icon("person")), h("span", {}, "Contacts"));
    const message = h("button", { class: "line-button", label: "Message", onclick: () => phone.start({ action: "android.intent.action.SENDTO", data: `smsto:${encodeURIComponent(call().number)}` }) },
      h("span", { class: "line-icon" }, icon("message")), h("span", {}, "Message"));
    return h("div", { class: "line-buttons" },
      toggle("mute", "Mute", "mute"), toggle("keypad", "Keypad", "dialpad"), toggle("speaker", "Speaker", "volume"),
      toggle("hold", "Hold", "pause"), message, add);
  }

  function tonePad() {
    return h("div", { class: "tone-pad" },
      h("div", { class: "tones" }, own.tones || " "),
      h("div", { class: "dial-keys" }, KEYS.map((key) => keyButton(key, tone))),
      h("button", { class: "text-button light", onclick: () => { own.keypad = false; draw(); } }, "Hide keypad"));
  }

  function draw() {
    const now = call();
    const ringing = now.state === "ringing";
    clock = h("div", { class: "line-state", "data-id": "contactgrid_bottom_text" }, stateText());
    const known = name && name !== now.number;
    fill(page,
      h("div", { class: "line-top" },
        clock,
        h("div", { class: "line-name", "data-id": "contactgrid_contact_name" }, name),
        known ? h("div", { class: "line-number" }, now.number) : null,
        own.keypad && !ringing ? null : people.avatar(name, true)),
      own.keypad && !ringing ? tonePad() : null,
      ringing ? ringingButtons() : h("div", { class: "line-bottom" },
        own.keypad ? null : lineButtons(),
        h("button", { class: "big-round end", label: "End call", onclick: () => phone.callState({}) }, icon("call-end"))));
  }

  // Show the call there is, or take the page away.
  async function update() {
    const now = call();
    const key = now.state ? `${now.number}/${now.direction || ""}` : "";
    if (key !== shown) own = { mute: false, speaker: false, hold: false, keypad: false, tones: "" };
    if (!key) {
      if (page) page.remove();
      const had = page !== null;
      page = null;
      shown = "";
      if (had) await app.called(over);
      return;
    }
    shown = key;
    over = now.over === "1";
    name = people.nameOf(await people.all(), now.number);
    if (!page) {
      page = h("div", { class: "incall", role: "dialog" });
      document.body.append(page);
    }
    phone.activity(IN_CALL);
    draw();
  }

  function tick() {
    if (page && clock && clock.isConnected) {
      const text = stateText();
      if (clock.textContent !== text) clock.textContent = text;
    }
  }

  return { update, tick, shown: () => page !== null };
})();
