"use strict";
const FOLDER = "/storage/emulated/0/DCIM/Camera";
const GALLERY = "com.simplemobiletools.gallery.pro";
const SIGNS = {
  flash: '<path d="M13 3L5 14h6l-1 7 8-11h-6z"/>',
  noFlash: '<path d="M13 3l-3 4M7 11l-2 3h6l-1 7 3-4M16 13l2-3h-6M4 4l16 16"/>',
  timer: '<circle cx="12" cy="14" r="7"/><path d="M12 14V10M9.5 3h5"/>',
  grid: '<path d="M4 4h16v16H4zM9.3 4v16M14.6 4v16M4 9.3h16M4 14.6h16"/>',
  film: '<path d="M8 5l11 7-11 7z"/>',
  picture: '<path d="M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4"/>',
};
const drawn = (name) => `<svg viewBox="0 0 24 24">${SIGNS[name]}</svg>`;
const at = (id) => document.getElementById(id);
const state = { mode: "photo", front: false, zoom: 1, timer: 0, flash: "off", grid: false, recording: null, counting: null, busy: false, last: "" };

function view(width, height, pen, time) {
  const seed = phone.settings.get("secure", "android_id") || "handeye";
  pen.save();
  if (state.zoom > 1) {
    pen.translate((width * (1 - state.zoom)) / 2, (height * (1 - state.zoom)) / 2);
    pen.scale(state.zoom, state.zoom);
  }
  scene.paint(pen, width, height, { seed, time, kind: state.front ? "self" : undefined });
  pen.restore();
}

function look() {
  const finder = at("finder");
  view(finder.width, finder.height, finder.getContext("2d"), phone.now().getTime());
}

function describe() {
  const video = state.mode === "video";
  document.body.classList.toggle("video", video);
  document.body.classList.toggle("recording", Boolean(state.recording));
  at("shutter").setAttribute("aria-label", state.recording ? "Stop recording" : video ? "Start recording" : "Take photo");
  at("turn").setAttribute("aria-label", state.front ? "Switch to back camera" : "Switch to front camera");
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.classList.toggle("on", button.dataset.mode === state.mode);
    button.setAttribute("aria-selected", String(button.dataset.mode === state.mode));
  }
  for (const button of document.querySelectorAll("[data-zoom]")) button.classList.toggle("on", Number(button.dataset.zoom) === state.zoom);
  const say = (id, name, on, sign, label) => {
    at(id).innerHTML = drawn(sign) + `<span>${label}</span>`;
    at(id).setAttribute("aria-label", name);
    at(id).classList.toggle("on", on);
  };
  say("flash", `Flash ${state.flash}`, state.flash !== "off", state.flash === "off" ? "noFlash" : "flash", state.flash);
  say("timer", state.timer ? `Timer ${state.timer} seconds` : "Timer off", state.timer > 0, "timer", state.timer ? `${state.timer} s` : "off");
  say("grid", state.grid ? "Grid on" : "Grid off", state.grid, "grid", state.grid ? "on" : "off");
  at("lines").hidden = !state.grid;
  look();
}

async function showLast() {
  const names = (await phone.files.exists(FOLDER)) ? (await phone.files.list(FOLDER)).filter((file) => /\.(jpe?g|png|mp4)$/i.test(file.name)) : [];
  names.sort((one, two) => one.mtime - two.mtime || one.name.localeCompare(two.name));
  state.last = names.length ? `${FOLDER}/${names.at(-1).name}` : "";
  const film = state.last.endsWith(".mp4");
  at("last").style.backgroundImage = state.last && !film ? `url("${phone.fileUrl(state.last)}")` : "";
  at("last").innerHTML = film ? drawn("film") : state.last ? "" : drawn("picture");
}

// The date and time of the phone as in 20231015_153400.
function stamp() {
  const now = phone.now();
  const part = (options, size) => phone.format(now, options).replace(/\D/g, "").padStart(size, "0");
  const day = part({ year: "numeric" }, 4) + part({ month: "2-digit" }, 2) + part({ day: "2-digit" }, 2);
  return `${day}_${part({ hour: "2-digit", hourCycle: "h23" }, 2)}${part({ minute: "2-digit" }, 2)}${part({ second: "2-digit" }, 2)}`;
}

async function store(blob, prefix, ending) {
  const text = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
  let folder = "";
  for (const name of FOLDER.slice(1).split("/")) {
    folder += `/${name}`;
    if (!(await phone.files.exists(folder))) await phone.files.mkdir(folder);
  }
  const name = `${prefix}_${stamp()}`;
  let path = `${FOLDER}/${name}.${ending}`;
  for (let more = 1; await phone.files.exists(path); more += 1) path = `${FOLDER}/${name}_${more}.${ending}`;
  await phone.files.writeBytes(path, text.slice(text.indexOf(",") + 1));
  await showLast();
}

async function takePhoto() {
  if (state.busy) return;
  state.busy = true;
  const canvas = Object.assign(document.createElement("canvas"), { width: 1200, height: 1600 });
  const pen = canvas.getContext("2d");
  view(canvas.width, canvas.height, pen, phone.now().getTime());
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.86));
  await store(blob, "IMG", "jpg");
  state.busy = false;
}

function startRecording() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 640 });
  const pen = canvas.getContext("2d");
  const begun = phone.now().getTime();
  let frames = 0;
  const draw = () => {
    view(canvas.width, canvas.height, pen, begun + frames * 3000);
    frames += 1;
  };
  draw();
  const recorder = new MediaRecorder(canvas.captureStream(10), { mimeType: "video/mp4;codecs=vp9", videoBitsPerSecond: 600000 });
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.onstop = () => void store(new Blob(pieces), "VID", "mp4").then(() => { state.busy = false; });
  recorder.start();
  const drawing = setInterval(draw, 100);
  const tick = () => {
    const seconds = Math.floor((phone.now().getTime() - begun) / 1000);
    at("clock").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const ticking = phone.every(1000, tick);
  tick();
  at("clock").hidden = false;
  // A film needs frames of its own: one that is stopped at once still gets a third of a second.
  const least = new Promise((resolve) => setTimeout(resolve, 350));
  state.recording = async () => {
    state.recording = null;
    state.busy = true;
    at("clock").hidden = true;
    if (typeof ticking === "function") ticking();
    describe();
    await least;
    clearInterval(drawing);
    recorder.stop();
  };
  describe();
}

function go() {
  if (state.mode === "photo") void takePhoto();
  else if (!state.busy) startRecording();
}

function shoot() {
  if (state.recording) return void state.recording();
  if (state.counting) {
    state.counting();
    return;
  }
  if (!state.timer) return go();
  const end = phone.now().getTime() + state.timer * 1000;
  const show = () => {
    const left = Math.ceil((end - phone.now().getTime()) / 1000);
    at("count").textContent = String(Math.max(left, 1));
    if (left > 0) return;
    stop();
    go();
  };
  const off = phone.every(1000, show);
  const stop = () => {
    if (typeof off === "function") off();
    at("count").hidden = true;
    state.counting = null;
  };
  state.counting = stop;
  at("count").hidden = false;
  show();
}

function setMode(mode) {
  state.mode = mode;
  phone.activity(mode === "video" ? "com.android.camera.VideoCamera" : "com.android.camera.CameraLauncher");
  describe();
}

function obey(intent) {
  if (/VIDEO/.test(intent?.action ?? "")) setMode("video");
  else if (/STILL_IMAGE|IMAGE_CAPTURE/.test(intent?.action ?? "")) setMode("photo");
}

async function begin() {
  await phone.ready;
  const cycle = (list, value) => list[(list.indexOf(value) + 1) % list.length];
  const press = (id, work) => at(id).addEventListener("click", work);
  press("shutter", shoot);
  press("turn", () => { state.front = !state.front; describe(); });
  press("timer", () => { state.timer = cycle([0, 3, 10], state.timer); describe(); });
  press("flash", () => { state.flash = cycle(["off", "auto", "on"], state.flash); describe(); });
  press("grid", () => { state.grid = !state.grid; describe(); });
  press("last", () => {
    if (!state.last) return void phone.toast("No pictures yet");
    void phone.start({ package: GALLERY, action: "android.intent.action.VIEW", data: `file://${encodeURI(state.last)}` });
  });
  for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => setMode(button.dataset.mode));
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => { state.zoom = Number(button.dataset.zoom); describe(); });
  }
  phone.on("files", (path) => { if (String(path).startsWith(FOLDER)) void showLast(); });
  phone.every(10000, look);
  phone.onBack(() => {
    if (state.counting) state.counting();
    else if (state.recording) void state.recording();
    else return false;
    return true;
  });
  phone.onIntent(obey);
  obey(phone.intent);
  describe();
  await showLast();
}

void begin();
