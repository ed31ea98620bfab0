'use strict';
{
  const [find, verdict, cell, count, none] = ['find', 'verdict', 'cell', 'count', 'none'].map((id) => document.getElementById(id));
  const cards = [...document.querySelectorAll('.cards article')].map((box) => ({box, text: box.textContent.toLowerCase()}));
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const {box, text} of cards) {
      const fits = (!verdict.value || box.dataset.verdict === verdict.value) &&
        (!cell || !cell.value || box.dataset.cells.includes(` ${cell.value} `)) && words.every((word) => text.includes(word));
      box.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown === cards.length ? `${shown} shown` : `${shown} of ${cards.length} shown`;
    none.hidden = shown > 0;
  };
  if (find) {
    for (const control of [find, verdict, cell]) control?.addEventListener('input', filter);
    filter();
  }
}
