// Draws the lists of <select> inside the page (appearance: base-select), where captures show them and the mouse reaches them: a
// native list is a window of its own that takes no injected clicks (microsoft/playwright #35667, ServiceNow/BrowserGym #375).
// The pickers of date fields are such windows too, and cannot be drawn in the page: their buttons go, and the fields take typing.
(() => {
  if (!globalThis.CSS?.supports?.('appearance', 'base-select')) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    select:not([multiple]):not([size]) { appearance: base-select; }
    select:not([multiple]):not([size])::picker(select) { appearance: base-select; }
    input::-webkit-calendar-picker-indicator { display: none; }
  `);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
})();
