"use strict";
// Runs first in every page that the browser app shows, and tells the app what a browser knows of a page: address, title, links to new tabs.
(() => {
  const isPage = window !== window.top && window.parent !== window.top && window.parent.parent === window.top;
  if (!isPage || location.protocol === "about:" || location.host === "phone.internal") return;
  const app = window.parent;
  const tell = (event, more = {}) => app.postMessage({ page: event, url: location.href, title: document.title, ...more }, "*");
  const open = (address) => {
    try {
      tell("open", { target: new URL(address, document.baseURI).href });
    } catch {
      tell("open", { target: "" });
    }
    return null;
  };
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
      tell(link.hasAttribute("download") ? "download" : "outside", { target: link.href, name: link.download ?? "" });
    } else if (outside(link.target)) {
      event.preventDefault();
      if (/^_(top|parent)$/i.test(link.target)) location.href = link.href;
      else open(link.href);
    }
  });
  window.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && outside(event.target.target)) event.target.target = "";
  }, true);
  window.alert = (text = "") => tell("alert", { text: String(text) });

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
    else if (event.data.toPage === "stop") window.stop();
  });
})();
