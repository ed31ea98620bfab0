// Runs in a world of its own in each frame: the page's scripts see nothing of it, and it takes nothing from them but the document.
({
  // Rectangles, in CSS pixels of this frame's viewport, of what shows one of `values`, a beginning of it of `least` characters or more, and of
  // every password field and every field filled by the browser that holds something.
  shown(values, least) {
    const fold = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
    const wanted = values.map(fold).filter((value) => value.length > 0);
    const starts = wanted.map((value) => value.slice(0, least));
    const begins = (text) => text !== null && text !== "" && starts.some((start) => fold(text).includes(start));
    const whole = (text) => wanted.some((value) => fold(text).includes(value));
    const found = [];
    const add = (rectangle) => {
      if (rectangle.width > 0 && rectangle.height > 0) found.push([rectangle.left, rectangle.top, rectangle.right, rectangle.bottom]);
    };
    const filled = (element) => {
      try {
        return element.matches(":autofill");
      } catch {
        return false;
      }
    };
    const fieldShows = (element) => {
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
        if (element.value !== "" && (element.type === "password" || filled(element))) return true;
        return begins(element.value) || begins(element.placeholder);
      }
      if (element instanceof HTMLSelectElement) return [...element.options].some((option) => begins(option.label));
      return false;
    };
    const attributeShows = (element) =>
      [...element.attributes].some(({ name, value }) => (["alt", "label", "placeholder"].includes(name) ? begins(value) : whole(value)));
    const inText = (nodes) => {
      let text = "";
      const where = [];
      for (const node of nodes) {
        for (let at = 0; at < node.data.length; at += 1) {
          const letters = fold(node.data[at]);
          text += letters;
          for (const _ of letters) where.push([node, at]);
        }
      }
      wanted.forEach((value, number) => {
        for (let at = text.indexOf(starts[number]); at >= 0; at = text.indexOf(starts[number], at + 1)) {
          let length = starts[number].length;
          while (length < value.length && text[at + length] === value[length]) length += 1;
          for (const [node, place] of where.slice(at, at + length)) {
            const range = document.createRange();
            range.setStart(node, place);
            range.setEnd(node, place + 1);
            [...range.getClientRects()].forEach(add);
          }
        }
      });
    };
    const look = (root) => {
      const nodes = [];
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        if (node.nodeType === Node.TEXT_NODE) {
          if (!["SCRIPT", "STYLE", "TEXTAREA"].includes(node.parentElement?.tagName)) nodes.push(node);
          continue;
        }
        if (fieldShows(node) || attributeShows(node)) [...node.getClientRects()].forEach(add);
        if (node.shadowRoot) look(node.shadowRoot);
      }
      inText(nodes);
    };
    look(document);
    return found;
  },

  // Puts `text` into what has the focus in this frame, if that is a field of this `kind` in a document of this `origin`: looked at and done in
  // one go, with no script of the page in between. "" when done, "elsewhere" when the focus is in no field of this frame, else why not.
  insert(text, origin, kind) {
    const focused = () => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      return element;
    };
    const first = focused();
    if (!document.hasFocus() || first === null || first === document.body || /^(i?frame|object|embed|fencedframe)$/i.test(first.tagName)) {
      return "elsewhere";
    }
    if (origin !== "" && self.origin !== origin) return "the document that has the focus is of another origin now";
    const isField = (element) => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element?.isContentEditable;
    if (!isField(first) || first.disabled || first.readOnly) return "what has the focus cannot be edited";
    if (kind === "password" && first.type !== "password") return "the field that has the focus is no password field now";
    const put = (part) => document.execCommand("insertText", false, part);
    if (kind !== "otp" || !(first.maxLength >= 1 && first.maxLength < text.length)) {
      if (!put(text)) return "the field did not take it";
      return focused() === first ? "" : "moved";
    }
    // A code in boxes of one digit each: the page moves the focus on after each, within this same document.
    for (const digit of text) {
      if (!isField(focused())) return "the page took the focus away between two digits";
      if (!put(digit)) return "the field did not take it";
    }
    return "";
  },
})
