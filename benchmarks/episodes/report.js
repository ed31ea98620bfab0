'use strict';
{
  const [find, kind, tone, count, none] = ['find', 'kind', 'tone', 'count', 'none'].map((id) => document.getElementById(id));
  const tasks = [...document.querySelectorAll('article')].map((box) => ({box, cards: [...box.querySelectorAll('li')]}));
  const all = tasks.reduce((sum, task) => sum + task.cards.length, 0);
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const {box, cards} of tasks) {
      let here = 0;
      for (const card of cards) {
        const fits = (!kind.value || box.dataset.kind === kind.value) && (!tone.value || card.dataset.tone === tone.value) &&
          words.every((word) => card.dataset.text.includes(word));
        card.hidden = !fits;
        here += fits;
      }
      box.hidden = !here;
      shown += here;
    }
    count.textContent = shown === all ? `${all} episodes` : `${shown} of ${all} episodes`;
    none.hidden = shown > 0;
  };
  for (const control of [find, kind, tone]) control.addEventListener('input', filter);
  filter();
}
