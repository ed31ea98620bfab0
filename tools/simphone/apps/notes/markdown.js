"use strict";
// Simple Markdown as elements; text is only ever text. `onCheck(line)` is told when a box of a to-do line is tapped.
function markdown(source, onCheck) {
  const out = document.createElement("div");
  out.className = "markdown";
  const lines = source.replace(/\r/g, "").split("\n");
  const element = (tag, ...children) => {
    const made = document.createElement(tag);
    made.append(...children);
    return made;
  };

  function inline(text) {
    const parts = [];
    const pattern = /(`[^`]+`)|(\*\*[^*]+\*\*|__[^_]+__)|(\*[^*\s][^*]*\*|\b_[^_]+_\b)|(~~[^~]+~~)|(!?\[[^\]]*\]\([^)\s]+\))|(https?:\/\/[^\s<>)]+)/g;
    let last = 0;
    for (const match of text.matchAll(pattern)) {
      parts.push(text.slice(last, match.index));
      last = match.index + match[0].length;
      const [whole, code, strong, soft, gone, link, address] = match;
      if (code) parts.push(element("code", code.slice(1, -1)));
      else if (strong) parts.push(element("strong", ...inline(strong.slice(2, -2))));
      else if (soft) parts.push(element("em", ...inline(soft.slice(1, -1))));
      else if (gone) parts.push(element("del", ...inline(gone.slice(2, -2))));
      else if (address) parts.push(anchor(address, address));
      else {
        const [, name, target] = /\[([^\]]*)\]\(([^)\s]+)\)/.exec(link);
        parts.push(whole.startsWith("!") ? element("em", name || target) : anchor(name || target, target));
      }
    }
    parts.push(text.slice(last));
    return parts.filter((part) => part !== "");
  }

  function anchor(name, target) {
    const made = element("a", name);
    made.href = "#";
    made.addEventListener("click", (event) => {
      event.preventDefault();
      if (/^(https?|tel|mailto):/i.test(target)) void phone.start({ action: "android.intent.action.VIEW", data: target });
    });
    return made;
  }

  function item(text, number) {
    const task = /^\[([ xX])\]\s+(.*)$/.exec(text);
    if (!task) return element("li", ...inline(text));
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = task[1] !== " ";
    box.setAttribute("aria-label", task[2]);
    box.addEventListener("change", () => onCheck?.(number));
    const label = element("label", box, element("span", ...inline(task[2])));
    const made = element("li", label);
    made.className = "task";
    return made;
  }

  function list(start, pattern, tag) {
    const made = element(tag);
    let place = start;
    for (; place < lines.length && pattern.test(lines[place]); place += 1) made.append(item(lines[place].replace(pattern, ""), place));
    out.append(made);
    return place;
  }

  function table(start) {
    const made = element("table");
    let place = start;
    for (; place < lines.length && /^\s*\|.*\|\s*$/.test(lines[place]); place += 1) {
      if (/^[\s|:-]+$/.test(lines[place])) continue;
      const cells = lines[place].trim().slice(1, -1).split("|");
      made.append(element("tr", ...cells.map((cell) => element(place === start ? "th" : "td", ...inline(cell.trim())))));
    }
    out.append(made);
    return place;
  }

  function block(place) {
    const line = lines[place];
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (heading) {
      out.append(element(`h${heading[1].length}`, ...inline(heading[2])));
      return place + 1;
    }
    if (/^```/.test(line)) {
      let end = place + 1;
      while (end < lines.length && !/^```/.test(lines[end])) end += 1;
      out.append(element("pre", lines.slice(place + 1, end).join("\n")));
      return end + 1;
    }
    if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      out.append(element("hr"));
      return place + 1;
    }
    if (/^\s*[-*+]\s+/.test(line)) return list(place, /^\s*[-*+]\s+/, "ul");
    if (/^\s*\d+[.)]\s+/.test(line)) return list(place, /^\s*\d+[.)]\s+/, "ol");
    if (/^\s*\|.*\|\s*$/.test(line)) return table(place);
    if (/^>/.test(line)) {
      let end = place;
      while (end < lines.length && /^>/.test(lines[end])) end += 1;
      out.append(element("blockquote", ...inline(lines.slice(place, end).map((part) => part.replace(/^>\s?/, "")).join(" "))));
      return end;
    }
    let end = place + 1;
    while (end < lines.length && lines[end].trim() && !/^(#|```|>|\s*[-*+]\s|\s*\d+[.)]\s|\s*\|)/.test(lines[end])) end += 1;
    const paragraph = element("p");
    lines.slice(place, end).forEach((part, index) => paragraph.append(...(index ? [element("br")] : []), ...inline(part)));
    out.append(paragraph);
    return end;
  }

  for (let place = 0; place < lines.length; ) place = lines[place].trim() ? block(place) : place + 1;
  return out;
}
