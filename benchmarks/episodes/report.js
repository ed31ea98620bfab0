'use strict';
{
  const names = ['find', 'kind', 'tone', 'failure', 'level', 'tag', 'count', 'none'];
  const [find, kind, tone, failure, level, tag, count, none] = names.map((id) => document.getElementById(id));
  const tasks = [...document.querySelectorAll('.episodes article')].map((box) => {
    const task = box.querySelector('h3').textContent.toLowerCase();
    return {box, cards: [...box.querySelectorAll('li')].map((card) => ({card, text: `${task} ${card.textContent.toLowerCase()}`}))};
  });
  const all = tasks.reduce((sum, task) => sum + task.cards.length, 0);
  const is = (control, value) => !control || !control.value || control.value === value;
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const {box, cards} of tasks) {
      const fits = is(kind, box.dataset.kind) && is(level, box.dataset.level) && (!tag || !tag.value || box.dataset.tags.includes(` ${tag.value} `));
      let here = 0;
      for (const {card, text} of cards) {
        const seen = fits && is(tone, card.dataset.tone) && is(failure, card.dataset.failure) && words.every((word) => text.includes(word));
        card.hidden = !seen;
        here += seen;
      }
      box.hidden = !here;
      shown += here;
    }
    count.textContent = shown === all ? `${all} episodes` : `${shown} of ${all} episodes`;
    none.hidden = shown > 0;
  };
  for (const control of [find, kind, tone, failure, level, tag]) control?.addEventListener('input', filter);
  filter();
}
