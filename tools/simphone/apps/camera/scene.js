"use strict";
// What the camera sees: scenes drawn from a seed and a time, so that the same phone at the same time always sees the same.
const scene = (() => {
  const KINDS = ["lake", "beach", "city", "forest", "desk", "street", "garden", "cafe"];

  // mulberry32, a small public-domain generator: numbers in [0, 1).
  function randomFrom(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  // FNV-1a: a number from a text.
  function hash(text) {
    let value = 0x811c9dc5;
    for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 0x01000193);
    return value >>> 0;
  }

  function fill(pen, colour, points) {
    pen.fillStyle = colour;
    pen.beginPath();
    points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
    pen.fill();
  }

  function disc(pen, colour, x, y, across, down = across) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.ellipse(x, y, across, down, 0, 0, Math.PI * 2);
    pen.fill();
  }

  function box(pen, colour, x, y, width, height, round = 0) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.roundRect(x, y, width, height, round);
    pen.fill();
  }

  function sweep(pen, y1, y2, ...colours) {
    const gradient = pen.createLinearGradient(0, y1, 0, y2);
    colours.forEach((colour, index) => gradient.addColorStop(index / (colours.length - 1), colour));
    return gradient;
  }

  function sky(pen, w, h, evening) {
    box(pen, evening ? sweep(pen, 0, h, "#3b4a86", "#c96f6b", "#ffc48a") : sweep(pen, 0, h, "#3f8fdc", "#9fd0f5", "#eaf6fd"), 0, 0, w, h);
    disc(pen, evening ? "rgba(255,214,150,.35)" : "rgba(255,250,220,.5)", w * 0.76, h * 0.42, w * 0.15);
    disc(pen, evening ? "#ffdca0" : "#fffbe8", w * 0.76, h * 0.42, w * 0.075);
  }

  function clouds(pen, w, h, random, drift) {
    for (let index = 0; index < 5; index += 1) {
      const x = ((random() * 1.4 + drift * (0.3 + random() * 0.3)) % 1.4) * w - w * 0.2;
      const y = h * (0.08 + random() * 0.5);
      const size = w * (0.05 + random() * 0.05);
      pen.fillStyle = "rgba(255,255,255,.8)";
      pen.beginPath();
      for (let puff = 0; puff < 5; puff += 1) {
        const [px, py, across] = [x + (puff - 2) * size * 0.8, y + (random() - 0.5) * size * 0.4, size * (1.1 - Math.abs(puff - 2) * 0.22)];
        pen.moveTo(px + across, py);
        pen.ellipse(px, py, across, size * 0.55, 0, 0, Math.PI * 2);
      }
      pen.fill();
    }
  }

  function ridge(pen, w, y, rise, colour, random, bottom) {
    const points = [[0, bottom], [0, y - random() * rise]];
    for (let x = 1; x <= 9; x += 1) points.push([(w * x) / 9, y - random() * rise]);
    points.push([w, bottom]);
    fill(pen, colour, points);
  }

  function pine(pen, x, y, size, colour) {
    box(pen, "#4d3a2a", x - size * 0.04, y - size * 0.12, size * 0.08, size * 0.12);
    for (let part = 0; part < 3; part += 1) {
      const low = y - size * (0.1 + part * 0.25);
      const half = size * (0.3 - part * 0.07);
      fill(pen, colour, [[x - half, low], [x + half, low], [x, low - size * 0.42]]);
    }
  }

  const PAINTERS = {
    lake(pen, w, h, random, time) {
      sky(pen, w, h * 0.55, random() < 0.4);
      clouds(pen, w, h * 0.4, random, time);
      ridge(pen, w, h * 0.5, h * 0.22, "#7c8fae", random, h * 0.6);
      ridge(pen, w, h * 0.56, h * 0.14, "#566f7c", random, h * 0.6);
      box(pen, sweep(pen, h * 0.56, h, "#8fc4de", "#3f7da6", "#1d4d70"), 0, h * 0.57, w, h * 0.43);
      for (let line = 0; line < 26; line += 1) box(pen, "rgba(255,255,255,.17)", ((random() + time * 0.2) % 1) * w, h * (0.6 + random() * 0.36), w * (0.05 + random() * 0.15), h * 0.003);
      for (let tree = 0; tree < 9; tree += 1) pine(pen, w * (random() < 0.5 ? random() * 0.32 : 0.7 + random() * 0.32), h * (0.6 + random() * 0.06), h * (0.12 + random() * 0.1), "#1f4a38");
      fill(pen, "#6b4b2f", [[w * 0.4, h], [w * 0.6, h], [w * 0.54, h * 0.74], [w * 0.47, h * 0.74]]);
      for (let board = 0; board < 8; board += 1) box(pen, "rgba(0,0,0,.25)", w * (0.465 - board * 0.008), h * (0.76 + board * 0.032), w * (0.08 + board * 0.016), h * 0.004);
    },
    beach(pen, w, h, random, time) {
      sky(pen, w, h * 0.5, random() < 0.5);
      clouds(pen, w, h * 0.4, random, time);
      box(pen, sweep(pen, h * 0.45, h * 0.72, "#2c7fb0", "#58c0cf"), 0, h * 0.45, w, h * 0.3);
      fill(pen, "#f4f1e4", [[0, h * 0.74], [w * 0.3, h * (0.7 + Math.sin(time * 40) * 0.006)], [w * 0.7, h * 0.72], [w, h * 0.69], [w, h], [0, h]]);
      fill(pen, "#e6cf9f", [[0, h * 0.76], [w * 0.3, h * 0.72], [w * 0.7, h * 0.74], [w, h * 0.71], [w, h], [0, h]]);
      const x = w * (0.2 + random() * 0.15);
      fill(pen, "#fff", [[x, h * 0.3], [x, h * 0.5], [x + w * 0.12, h * 0.5]]);
      fill(pen, "#b8442f", [[x - w * 0.06, h * 0.51], [x + w * 0.14, h * 0.51], [x + w * 0.1, h * 0.54], [x - w * 0.02, h * 0.54]]);
      const px = w * 0.68;
      box(pen, "#7a7f86", px, h * 0.62, w * 0.012, h * 0.26);
      for (let part = 0; part < 6; part += 1) fill(pen, part % 2 ? "#fff" : "#d8463f", [[px, h * 0.58], [px - w * (0.18 - part * 0.06), h * 0.68], [px - w * (0.12 - part * 0.06), h * 0.68]]);
      box(pen, "#2f6fb3", w * 0.52, h * 0.86, w * 0.3, h * 0.05, w * 0.01);
    },
    city(pen, w, h, random, time) {
      const night = random() < 0.5;
      box(pen, night ? sweep(pen, 0, h * 0.8, "#0e1530", "#2c3566", "#7b5a80") : sweep(pen, 0, h * 0.8, "#5fa8e0", "#dbeefa"), 0, 0, w, h);
      if (!night) clouds(pen, w, h * 0.35, random, time);
      for (let row = 0; row < 2; row += 1) {
        for (let x = -w * 0.05; x < w; ) {
          const width = w * (0.09 + random() * 0.1);
          const top = h * (0.2 + row * 0.16 + random() * 0.22);
          const shade = Math.round((night ? 26 : 120) + row * (night ? 14 : -40) + random() * 18);
          box(pen, `rgb(${shade},${shade + 8},${shade + 26})`, x, top, width, h - top);
          for (let wy = top + h * 0.02; wy < h * 0.8; wy += h * 0.03) {
            for (let wx = x + width * 0.12; wx < x + width * 0.85; wx += width * 0.22) box(pen, random() < (night ? 0.55 : 0.2) ? "#ffe1a0" : "rgba(255,255,255,.16)", wx, wy, width * 0.12, h * 0.015);
          }
          x += width + w * 0.008;
        }
      }
      box(pen, night ? "#20242f" : "#62666e", 0, h * 0.84, w, h * 0.16);
      for (let dash = 0; dash < 7; dash += 1) box(pen, "#f1e9c8", w * (dash * 0.16 + 0.02), h * 0.915, w * 0.08, h * 0.008);
      const car = ((random() + time * 6) % 1.3) * w - w * 0.2;
      box(pen, "#c8372e", car, h * 0.865, w * 0.2, h * 0.032, w * 0.02);
      box(pen, "#8f2620", car + w * 0.04, h * 0.845, w * 0.11, h * 0.03, w * 0.02);
      [0.04, 0.15].forEach((place) => disc(pen, "#111", car + w * place, h * 0.897, w * 0.02));
    },
    forest(pen, w, h, random) {
      box(pen, sweep(pen, 0, h, "#cfe3c4", "#8fb98a", "#41684a"), 0, 0, w, h);
      for (let depth = 0; depth < 4; depth += 1) {
        const tone = ["#9dbf9b", "#6d9a72", "#3f7050", "#20452f"][depth];
        for (let tree = 0; tree < 9; tree += 1) pine(pen, random() * w, h * (0.6 + depth * 0.1), h * (0.35 + depth * 0.09 + random() * 0.1), tone);
      }
      fill(pen, "#b39468", [[w * 0.28, h], [w * 0.72, h], [w * 0.55, h * 0.68], [w * 0.49, h * 0.68]]);
      for (let stone = 0; stone < 16; stone += 1) disc(pen, "rgba(60,45,30,.4)", w * (0.4 + random() * 0.2), h * (0.75 + random() * 0.24), w * 0.01, w * 0.006);
    },
    desk(pen, w, h, random, time) {
      box(pen, sweep(pen, 0, h * 0.62, "#e9dfd2", "#d5c7b5"), 0, 0, w, h * 0.62);
      box(pen, "#fff", w * 0.09, h * 0.08, w * 0.34, h * 0.3, 4);
      box(pen, sweep(pen, h * 0.1, h * 0.36, "#7db9e8", "#dff1fb"), w * 0.11, h * 0.1, w * 0.3, h * 0.26);
      ridge(pen, w * 0.3, h * 0.36, h * 0.1, "rgba(90,130,90,0)", random, h * 0.36);
      disc(pen, "#5d8f5a", w * 0.2, h * 0.36, w * 0.06, h * 0.05);
      disc(pen, "#f7f3ea", w * 0.74, h * 0.17, w * 0.1);
      disc(pen, "#2b3440", w * 0.74, h * 0.17, w * 0.008);
      const turn = (part, length, wide) => {
        pen.strokeStyle = "#2b3440";
        pen.lineWidth = wide;
        pen.beginPath();
        pen.moveTo(w * 0.74, h * 0.17);
        pen.lineTo(w * 0.74 + Math.sin(part * Math.PI * 2) * w * length, h * 0.17 - Math.cos(part * Math.PI * 2) * w * length);
        pen.stroke();
      };
      turn((time * 24) % 1, 0.08, w * 0.007);
      turn((time * 2) % 1, 0.055, w * 0.011);
      box(pen, sweep(pen, h * 0.6, h, "#a9764a", "#7b512f"), 0, h * 0.6, w, h * 0.4);
      box(pen, "#2a2f37", w * 0.3, h * 0.38, w * 0.42, h * 0.25, 8);
      box(pen, sweep(pen, h * 0.39, h * 0.6, "#1c7c9c", "#0f3e66"), w * 0.315, h * 0.392, w * 0.39, h * 0.21);
      for (let line = 0; line < 9; line += 1) box(pen, ["#8be0c0", "#f6d186", "#cfe3ff"][line % 3], w * (0.34 + (line % 3) * 0.02), h * (0.41 + line * 0.02), w * (0.06 + random() * 0.18), h * 0.007, 2);
      fill(pen, "#3a404a", [[w * 0.26, h * 0.7], [w * 0.76, h * 0.7], [w * 0.72, h * 0.635], [w * 0.3, h * 0.635]]);
      disc(pen, "#f3efe9", w * 0.85, h * 0.76, w * 0.075, w * 0.03);
      box(pen, "#c14f3d", w * 0.79, h * 0.66, w * 0.12, h * 0.085, 10);
      disc(pen, "#4a2b1a", w * 0.85, h * 0.665, w * 0.055, w * 0.018);
      fill(pen, "#fdfaf0", [[w * 0.08, h * 0.84], [w * 0.36, h * 0.8], [w * 0.44, h * 0.93], [w * 0.14, h * 0.97]]);
      fill(pen, "#e3b23c", [[w * 0.42, h * 0.8], [w * 0.44, h * 0.795], [w * 0.58, h * 0.92], [w * 0.565, h * 0.93]]);
    },
    street(pen, w, h, random, time) {
      sky(pen, w, h * 0.6, false);
      clouds(pen, w, h * 0.35, random, time);
      const tones = ["#d8a47f", "#c9c2a5", "#9fb8ad", "#d0796b", "#e7d7a8"];
      for (let house = 0; house < 5; house += 1) {
        const x = (w * house) / 5;
        const top = h * (0.3 + random() * 0.12);
        box(pen, tones[Math.floor(random() * tones.length)], x, top, w / 5 + 1, h * 0.8 - top);
        fill(pen, "#7c3f32", [[x - w * 0.01, top], [x + w / 5 + w * 0.01, top], [x + w * 0.1, top - h * 0.08]]);
        for (let row = 0; row < 3; row += 1) [0.03, 0.115].forEach((at) => box(pen, "#40566b", x + w * at, top + h * (0.04 + row * 0.1), w * 0.05, h * 0.055, 2));
        box(pen, "#4d3527", x + w * 0.075, h * 0.71, w * 0.05, h * 0.09, 2);
      }
      box(pen, "#b9b4ab", 0, h * 0.8, w, h * 0.05);
      box(pen, "#55585e", 0, h * 0.84, w, h * 0.16);
      const bike = ((random() + time * 4) % 1.2) * w - w * 0.1;
      pen.strokeStyle = "#1d1f24";
      pen.lineWidth = w * 0.008;
      [0, 0.12].forEach((at) => {
        pen.beginPath();
        pen.arc(bike + w * at, h * 0.88, w * 0.04, 0, Math.PI * 2);
        pen.stroke();
      });
      pen.strokeStyle = "#d23b36";
      pen.beginPath();
      pen.moveTo(bike, h * 0.88);
      pen.lineTo(bike + w * 0.04, h * 0.845);
      pen.lineTo(bike + w * 0.1, h * 0.845);
      pen.lineTo(bike + w * 0.12, h * 0.88);
      pen.stroke();
    },
    garden(pen, w, h, random) {
      sky(pen, w, h * 0.45, false);
      clouds(pen, w, h * 0.3, random, 0);
      ridge(pen, w, h * 0.45, h * 0.06, "#4f8a55", random, h * 0.6);
      box(pen, sweep(pen, h * 0.45, h, "#7fb75e", "#3f7a3a"), 0, h * 0.47, w, h * 0.53);
      for (let flower = 0; flower < 46; flower += 1) {
        const depth = flower / 46;
        const x = random() * w;
        const y = h * (0.52 + depth * 0.44);
        const size = w * (0.008 + depth * 0.026);
        const tone = ["#e8507b", "#f4c13c", "#ffffff", "#b06be0", "#ef7b45"][Math.floor(random() * 5)];
        box(pen, "#2f6a34", x - size * 0.1, y, size * 0.2, size * 3);
        for (let leaf = 0; leaf < 6; leaf += 1) disc(pen, tone, x + Math.cos(leaf * 1.047) * size * 0.7, y + Math.sin(leaf * 1.047) * size * 0.7, size * 0.5);
        disc(pen, "#7a4b1e", x, y, size * 0.42);
      }
    },
    cafe(pen, w, h, random, time) {
      box(pen, sweep(pen, 0, h, "#5a4336", "#2e221b"), 0, 0, w, h);
      for (let lamp = 0; lamp < 3; lamp += 1) {
        const x = w * (0.2 + lamp * 0.3);
        box(pen, "#1d1512", x - 1, 0, 3, h * 0.14);
        disc(pen, "rgba(255,205,120,.18)", x, h * 0.19, w * 0.16);
        fill(pen, "#d99a3a", [[x - w * 0.07, h * 0.19], [x + w * 0.07, h * 0.19], [x + w * 0.02, h * 0.13], [x - w * 0.02, h * 0.13]]);
        disc(pen, "#fff0c9", x, h * 0.195, w * 0.03);
      }
      for (let shelf = 0; shelf < 2; shelf += 1) {
        box(pen, "#8a6244", w * 0.06, h * (0.36 + shelf * 0.13), w * 0.88, h * 0.012);
        for (let jar = 0; jar < 9; jar += 1) {
          const tall = h * (0.04 + random() * 0.045);
          box(pen, ["#c7d3cf", "#c46f4a", "#7e9a6e", "#e5d2a0"][Math.floor(random() * 4)], w * (0.09 + jar * 0.095), h * (0.36 + shelf * 0.13) - tall, w * 0.055, tall, 4);
        }
      }
      disc(pen, sweep(pen, h * 0.6, h, "#b98355", "#7d5130"), w * 0.5, h * 0.86, w * 0.62, h * 0.24);
      disc(pen, "#f6f2ea", w * 0.38, h * 0.79, w * 0.2, h * 0.052);
      disc(pen, "#e6ded0", w * 0.38, h * 0.772, w * 0.125, h * 0.05);
      disc(pen, "#5b341d", w * 0.38, h * 0.755, w * 0.105, h * 0.03);
      disc(pen, "#e9cfa7", w * 0.38, h * 0.755, w * (0.05 + Math.sin(time * 60) * 0.004), h * 0.015);
      disc(pen, "#fbf8f2", w * 0.74, h * 0.86, w * 0.17, h * 0.05);
      fill(pen, "#d7913e", [[w * 0.62, h * 0.86], [w * 0.74, h * 0.79], [w * 0.87, h * 0.86], [w * 0.74, h * 0.885]]);
    },
    self(pen, w, h, random) {
      box(pen, sweep(pen, 0, h, "#cfd8dc", "#90a4ae"), 0, 0, w, h);
      box(pen, "#fff", w * 0.07, h * 0.1, w * 0.3, h * 0.24);
      box(pen, "#a7d3ef", w * 0.09, h * 0.115, w * 0.26, h * 0.21);
      for (let book = 0; book < 7; book += 1) box(pen, ["#b5523b", "#2e6f75", "#d9a441", "#4b4a6b"][book % 4], w * (0.66 + book * 0.042), h * (0.2 - random() * 0.03), w * 0.035, h * 0.14 + random() * h * 0.02);
      const skin = ["#f0c8a4", "#c98e62", "#8d5a3b", "#e7b58a"][Math.floor(random() * 4)];
      const hair = ["#2b1d16", "#6a4526", "#111418", "#a8642f"][Math.floor(random() * 4)];
      disc(pen, ["#2f6f8f", "#8a3f52", "#3f6f4b", "#494f7a"][Math.floor(random() * 4)], w * 0.5, h * 1.02, w * 0.44, h * 0.26);
      box(pen, skin, w * 0.42, h * 0.66, w * 0.16, h * 0.14, w * 0.06);
      disc(pen, hair, w * 0.5, h * 0.48, w * 0.255, h * 0.185);
      disc(pen, skin, w * 0.5, h * 0.54, w * 0.2, h * 0.165);
      fill(pen, hair, [[w * 0.3, h * 0.5], [w * 0.36, h * 0.37], [w * 0.62, h * 0.36], [w * 0.7, h * 0.5], [w * 0.58, h * 0.43]]);
      [0.42, 0.58].forEach((x) => {
        disc(pen, "#fff", w * x, h * 0.53, w * 0.033, h * 0.012);
        disc(pen, "#2b2f36", w * x, h * 0.53, w * 0.014);
        box(pen, hair, w * (x - 0.04), h * 0.505, w * 0.08, h * 0.006, 3);
      });
      pen.strokeStyle = "#8e3f38";
      pen.lineWidth = w * 0.012;
      pen.lineCap = "round";
      pen.beginPath();
      pen.arc(w * 0.5, h * 0.59, w * 0.075, 0.35, Math.PI - 0.35);
      pen.stroke();
    },
  };

  // Paint what a camera of the phone `seed` sees at `time` (ms since 1970); `kind` names one scene, else the hour chooses.
  function paint(pen, width, height, { seed, time, kind }) {
    const hour = Math.floor(time / 3600000);
    const chosen = kind || KINDS[(hash(`${seed}`) + hour) % KINDS.length];
    pen.save();
    PAINTERS[chosen](pen, width, height, randomFrom(hash(`${seed}/${chosen}/${hour}`)), (time % 43200000) / 43200000);
    pen.restore();
    return chosen;
  }

  return { KINDS: [...KINDS, "self"], paint, hash };
})();
