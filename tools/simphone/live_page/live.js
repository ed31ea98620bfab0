'use strict';
// Keys that are no character, by their names in KeyboardEvent.key, and Android's codes of them.
const KEYS = {
  Enter: 66, Backspace: 67, Delete: 112, Tab: 61, Escape: 4, Home: 3, End: 123, ArrowUp: 19, ArrowDown: 20, ArrowLeft: 21, ArrowRight: 22,
  PageUp: 92, PageDown: 93,
};
const LONG_MS = 500;
const MOVED = 8;

class PhoneView {
  constructor(number, name, count) {
    this.number = number;
    this.section = document.getElementById('phone').content.firstElementChild.cloneNode(true);
    this.canvas = this.section.querySelector('canvas');
    this.marks = this.section.querySelector('.marks');
    this.lost = this.section.querySelector('.lost');
    this.count = count;
    this.queue = Promise.resolve();
    this.section.querySelector('code').textContent = `adb -s ${name} shell`;
    this.section.querySelector('.copy').onclick = (event) => {
      navigator.clipboard.writeText(`adb -s ${name} shell`);
      event.target.textContent = 'Copied';
    };
    for (const button of this.section.querySelectorAll('[data-code]')) {
      button.onclick = () => { this.act({kind: 'keys', codes: [Number(button.dataset.code)]}); this.canvas.focus(); };
    }
    this.listen();
    this.watch();
  }

  async watch() {
    for (let after = -1; ;) {
      try {
        const reply = await fetch(`${this.number}/frame?after=${after}`);
        if (reply.status === 200) {
          after = Number(reply.headers.get('X-Frame'));
          this.draw(await createImageBitmap(await reply.blob()));
        } else if (reply.status !== 204) {
          throw new Error(await reply.text());
        }
        this.lost.hidden = true;
      } catch (error) {
        this.lost.textContent = `The phone does not answer. ${error.message === 'Failed to fetch' ? 'Was handeye ended?' : error.message}`;
        this.lost.hidden = false;
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
  }

  draw(picture) {
    const canvas = this.canvas;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
      this.fit();
    }
    canvas.getContext('2d').drawImage(picture, 0, 0);
    picture.close();
  }

  fit() {
    const {width, height} = this.canvas;
    const room = {width: Math.max(160, innerWidth / this.count - 90), height: Math.max(240, innerHeight - 190)};
    const scale = Math.min(room.width / width, room.height / height);
    this.canvas.style.width = `${Math.round(width * scale)}px`;
    this.canvas.style.height = `${Math.round(height * scale)}px`;
  }

  // The pixel of the phone's screen under a mouse event.
  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    const along = (at, from, length, pixels) => Math.min(pixels - 1, Math.max(0, Math.floor((at - from) / length * pixels)));
    return {x: along(event.clientX, box.left, box.width, this.canvas.width), y: along(event.clientY, box.top, box.height, this.canvas.height)};
  }

  act(gesture) {
    // One after the other: typing keeps its order.
    const send = async () => {
      const reply = await fetch(`${this.number}/act`, {method: 'POST', body: JSON.stringify(gesture)});
      if (!reply.ok) { this.lost.textContent = await reply.text(); this.lost.hidden = false; }
    };
    this.queue = this.queue.then(send, send);
  }

  listen() {
    const canvas = this.canvas;
    let down = null;
    canvas.onpointerdown = (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const mark = document.createElement('div');
      mark.className = 'touch';
      this.marks.append(mark);
      down = {...this.pixel(event), at: performance.now(), cx: event.clientX, cy: event.clientY, mark};
      down.timer = setTimeout(() => mark.classList.add('long'), LONG_MS);
      this.place(mark, event);
    };
    canvas.onpointermove = (event) => {
      if (!down) return;
      this.place(down.mark, event);
      if (down.moved === undefined && Math.hypot(event.clientX - down.cx, event.clientY - down.cy) > MOVED) {
        clearTimeout(down.timer);
        down.moved = performance.now();
      }
    };
    canvas.onpointerup = (event) => {
      if (!down) return;
      const start = down;
      this.end(start.mark, start.timer);
      down = null;
      const ms = Math.min(10000, Math.round(performance.now() - start.at)), to = this.pixel(event);
      if (start.moved !== undefined) {
        const hold = start.moved - start.at > LONG_MS;
        this.act({kind: 'swipe', x1: start.x, y1: start.y, x2: to.x, y2: to.y, ms: Math.max(80, ms), hold});
      } else {
        this.act({kind: 'tap', x: start.x, y: start.y, hold_ms: ms < LONG_MS ? 0 : Math.max(ms, 800)});
      }
    };
    canvas.onpointercancel = () => { if (down) this.end(down.mark, down.timer); down = null; };
    canvas.oncontextmenu = (event) => { event.preventDefault(); this.act({kind: 'keys', codes: [4]}); };
    canvas.onwheel = (event) => {
      event.preventDefault();
      this.scrolled = (this.scrolled || 0) + event.deltaY;
      this.wheel ??= setTimeout(() => this.scroll(this.pixel(event)), 60);
    };
    canvas.onkeydown = (event) => this.key(event);
    canvas.onpaste = (event) => this.act({kind: 'text', text: event.clipboardData.getData('text').slice(0, 10000)});
  }

  place(mark, event) {
    const box = this.marks.getBoundingClientRect();
    mark.style.left = `${event.clientX - box.left}px`;
    mark.style.top = `${event.clientY - box.top}px`;
  }

  end(mark, timer) {
    clearTimeout(timer);
    mark.classList.add('done');
    setTimeout(() => mark.remove(), 400);
  }

  scroll({x, y}) {
    const box = this.canvas.getBoundingClientRect();
    const far = Math.round(this.scrolled * this.canvas.height / box.height);
    const end = Math.min(this.canvas.height - 2, Math.max(1, y - far));
    this.scrolled = 0;
    this.wheel = undefined;
    if (Math.abs(end - y) > 4) this.act({kind: 'swipe', x1: x, y1: y, x2: x, y2: end, ms: 250});
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key in KEYS) {
      this.act({kind: 'keys', codes: [KEYS[event.key]]});
    } else if ([...event.key].length === 1) {
      this.act({kind: 'text', text: event.key});
    } else {
      return;
    }
    event.preventDefault();
  }
}

(async () => {
  const phones = await (await fetch('phones')).json();
  const views = phones.map(({name}, number) => new PhoneView(number, name, phones.length));
  document.getElementById('phones').append(...views.map((view) => view.section));
  views[0].canvas.focus({preventScroll: true});
  addEventListener('resize', () => views.forEach((view) => view.fit()));
})();
