// The elements that match `selector`, in document order, as plain data. Boxes are in CSS pixels of the viewport.
({selector, area}) => {
  const seen = (e) => {
    let [left, top, right, bottom] = [0, 0, area[0], area[1]];
    for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowY === 'visible' && style.overflowX === 'visible') continue;
      const box = up.getBoundingClientRect();
      left = Math.max(left, box.left); top = Math.max(top, box.top);
      right = Math.min(right, box.right); bottom = Math.min(bottom, box.bottom);
    }
    return [left, top, right, bottom];
  };
  // The point nearest to the middle at which a click lands on the element itself (something else may lie over a part of it).
  const open = (e, box, view) => {
    for (const fx of [0.5, 0.25, 0.75, 0.1, 0.9, 0.02, 0.98])
      for (const fy of [0.5, 0.25, 0.75, 0.1, 0.9, 0.02, 0.98]) {
        const x = box.left + fx * box.width, y = box.top + fy * box.height;
        if (x < view[0] || y < view[1] || x >= view[2] || y >= view[3]) continue;
        const top = document.elementFromPoint(x, y);
        if (top && (e.contains(top) || top.contains(e) && top.tagName === 'LABEL')) return [x, y];
      }
    return null;
  };
  return [...document.querySelectorAll(selector)].map((e) => {
    const box = e.getBoundingClientRect(), view = seen(e);
    return {
      text: e.textContent.trim(),
      tag: e.tagName.toLowerCase(),
      box: [box.left, box.top, box.right, box.bottom],
      view,
      open: box.width && box.height ? open(e, box, view) : null,
      value: e.value === undefined ? '' : String(e.value),
      checked: Boolean(e.checked),
      attributes: Object.fromEntries([...e.attributes].map((a) => [a.name, a.value])),
    };
  });
}
