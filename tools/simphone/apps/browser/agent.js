"use strict";
// Runs first in every page that the browser app shows, and tells the app what a browser knows of a page: address, title, links to new tabs.
(() => {
  const isPage = window !== window.top && window.parent !== window.top && window.parent.parent === window.top;
  if (!isPage || location.protocol === "about:" || location.host === "phone.internal") return;
  const app = window.parent;
  // The phone's keyboard and its knowledge of what was drawn reach into this page too.
  window.top.ledger.watch(document);
  window.top.device.tell("attached", { view: window });
  const tell = (event, more = {}) => app.postMessage({ page: event, url: location.href, title: document.title, ...more }, "*");
  const open = (address) => {
    try {
      tell("open", { target: new URL(address, document.baseURI).href });
    } catch {
      tell("open", { target: "" });
    }
    return null;
  };
  async function save(address, name) {
    const url = new URL(address);
    try {
      const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
      let text = "";
      for (let place = 0; place < bytes.length; place += 32768) text += String.fromCharCode(...bytes.subarray(place, place + 32768));
      tell("download", { name: name || decodeURIComponent(url.pathname.split("/").at(-1)), bytes: btoa(text) });
    } catch {
      location.href = address;
    }
  }
  const outside = (target) => target && !["_self", ""].includes(target.toLowerCase());

  tell("start", { how: window.navigation?.activation?.navigationType ?? "push" });
  document.addEventListener("DOMContentLoaded", () => {
    tell("title");
    const head = document.querySelector("head");
    if (head) new MutationObserver(() => tell("title")).observe(head, { subtree: true, childList: true, characterData: true });
  });
  window.addEventListener("load", () => tell("load"));
  window.navigation?.addEventListener("currententrychange", (event) => {
    if (event.navigationType && event.from?.url !== location.href) tell("start", { how: event.navigationType, same: true });
  });

  window.open = open;
  window.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || event.defaultPrevented) return;
    if (link.hasAttribute("download") || /^(tel|mailto|sms|geo|market|intent):/i.test(link.href)) {
      event.preventDefault();
      if (link.hasAttribute("download")) void save(link.href, link.download);
      else tell("outside", { target: link.href });
    } else if (outside(link.target)) {
      event.preventDefault();
      if (/^_(top|parent)$/i.test(link.target)) location.href = link.href;
      else open(link.href);
    }
  });
  window.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && outside(event.target.target)) event.target.target = "";
  }, true);

  // Questions that stop a page cannot be drawn here, as they would stop the phone too. So the first asking is answered with no, and when the
  // user says yes, what was tapped is tapped again and the same question gets that answer.
  let tapped = null;
  const answers = new Map();
  window.addEventListener("click", (event) => { if (event.isTrusted) tapped = event.target; }, true);
  const question = (kind, text, value) => {
    const key = `${kind} ${text}`;
    if (answers.has(key)) {
      const answer = answers.get(key);
      answers.delete(key);
      return answer;
    }
    tell("ask", { kind, text, value });
    return kind === "confirm" ? false : null;
  };
  window.alert = (text = "") => tell("ask", { kind: "alert", text: String(text) });
  window.confirm = (text = "") => question("confirm", String(text), "");
  window.prompt = (text = "", value = "") => question("prompt", String(text), String(value));

  // Lists and pickers of a page are windows of the system on a computer; the app draws them instead.
  const PICKERS = "select:not([multiple],[size]),input[type=date],input[type=time]";
  let picking = null;
  const pick = (event) => {
    const field = event.target instanceof Element ? event.target.closest(PICKERS) : null;
    if (!field || field.disabled || field.readOnly) return;
    event.preventDefault();
    if (event.type !== "click") return;
    picking = field;
    field.focus({ preventScroll: true });
    const title = field.labels?.[0]?.firstChild?.textContent?.trim() || field.getAttribute("aria-label") || "Choose";
    if (field instanceof HTMLSelectElement) tell("pick", { kind: "select", heading: title, options: [...field.options].map((option) => option.disabled ? "" : option.text), value: field.selectedIndex });
    else tell("pick", { kind: field.type, heading: title, value: field.value });
  };
  for (const name of ["pointerdown", "mousedown", "click"]) window.addEventListener(name, pick, true);

  function picked(value) {
    if (!picking?.isConnected) return;
    if (picking instanceof HTMLSelectElement) picking.selectedIndex = value;
    else picking.value = value;
    for (const name of ["input", "change"]) picking.dispatchEvent(new Event(name, { bubbles: true }));
  }

  let found = [];
  let current = -1;

  function textRanges(wanted) {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, {
      acceptNode: (node) => (node.parentElement?.closest("script,style,noscript,template") || !node.parentElement?.checkVisibility() ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT),
    });
    const pieces = [];
    let whole = "";
    while (walker.nextNode()) {
      pieces.push([whole.length, walker.currentNode]);
      whole += walker.currentNode.data;
    }
    const place = (at) => {
      const [start, node] = pieces.findLast(([begin]) => begin <= at);
      return [node, at - start];
    };
    const ranges = [];
    const low = whole.toLowerCase();
    for (let at = low.indexOf(wanted); at >= 0 && ranges.length < 1000; at = low.indexOf(wanted, at + wanted.length)) {
      const range = document.createRange();
      range.setStart(...place(at));
      const [last, offset] = place(at + wanted.length - 1);
      range.setEnd(last, offset + 1);
      ranges.push(range);
    }
    return ranges;
  }

  function find(text, step) {
    CSS.highlights.clear();
    const wanted = text.toLowerCase();
    if (step === 0 || !found.length) {
      found = wanted && document.body ? textRanges(wanted) : [];
      current = found.length ? 0 : -1;
    } else current = (current + step + found.length) % found.length;
    if (found.length) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("::highlight(handeye-find){background:#ffe58a;color:#000}::highlight(handeye-here){background:#ff9632;color:#000}");
      if (!document.adoptedStyleSheets.some((old) => old.cssRules[0]?.selectorText?.includes("handeye"))) document.adoptedStyleSheets.push(sheet);
      CSS.highlights.set("handeye-find", new Highlight(...found));
      CSS.highlights.set("handeye-here", new Highlight(found[current]));
      found[current].startContainer.parentElement?.scrollIntoView({ block: "center" });
    }
    tell("found", { count: found.length, current: current + 1 });
  }

  window.addEventListener("message", (event) => {
    if (event.source !== app || !event.data?.toPage) return;
    event.stopImmediatePropagation();
    if (event.data.toPage === "find") find(event.data.text, event.data.step);
    else if (event.data.toPage === "forget") CSS.highlights.clear();
    else if (event.data.toPage === "picked") picked(event.data.value);
    else if (event.data.toPage === "answer") {
      answers.set(`${event.data.kind} ${event.data.text}`, event.data.value);
      tapped?.click?.();
    }
  });
})();
