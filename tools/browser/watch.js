(() => {
  const KEY = Symbol.for('handeye.watch');
  if (globalThis[KEY]) return;
  let changes = 0;
  const born = Math.random().toString(36).slice(2);
  new MutationObserver(() => { changes += 1; }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  const status = () => ({pending: [], waited: [], leftOut: [], mark: `${born}:${changes}`, title: document.title});
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const watch = {
    wait: async () => { await pause(120); return status(); },
    quiet: async (ms) => { await pause(ms); return status(); },
  };
  Object.defineProperty(globalThis, KEY, {value: watch, enumerable: false});
})();
