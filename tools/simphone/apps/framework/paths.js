"use strict";
// What apps that work with files share: names that may be given, kinds of files, sizes, and which app opens what.
const paths = (() => {
  const STORAGE = "/storage/emulated/0";
  const TYPES = {
    jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp", bmp: "image/bmp", svg: "image/svg+xml",
    mp4: "video/mp4", webm: "video/webm", mkv: "video/x-matroska", "3gp": "video/3gpp",
    mp3: "audio/mpeg", wav: "audio/wav", ogg: "audio/ogg", m4a: "audio/mp4", flac: "audio/flac",
    txt: "text/plain", md: "text/markdown", csv: "text/csv", log: "text/plain", json: "application/json", xml: "text/xml", html: "text/html", htm: "text/html",
    pdf: "application/pdf", zip: "application/zip", apk: "application/vnd.android.package-archive", exe: "application/octet-stream",
    doc: "application/msword", docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", db: "application/vnd.sqlite3",
  };

  const folderOf = (path) => path.slice(0, path.lastIndexOf("/")) || "/";
  const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);
  const join = (folder, name) => `${folder === "/" ? "" : folder}/${name}`;

  // [name, ending]: ["letter", ".txt"]; a name that begins with its only dot has no ending.
  function split(name) {
    const dot = name.lastIndexOf(".");
    return dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  }

  // Why a file cannot have this name, or "" if it can.
  function fault(name) {
    if (!name.trim() || name === "." || name === "..") return "Enter a name";
    if (name.includes("/")) return "A name cannot contain /";
    if (/[\u0000-\u001f\u007f]/.test(name)) return "A name cannot contain line breaks";
    if (new TextEncoder().encode(name).length > 255) return "The name is too long";
    return "";
  }

  // The name itself where it is free in the folder, else one with a number: "letter (1).txt".
  async function free(folder, name) {
    const [stem, ending] = split(name);
    let found = name;
    for (let number = 1; await phone.files.exists(join(folder, found)); number += 1) found = `${stem} (${number})${ending}`;
    return found;
  }

  const type = (name) => TYPES[split(name.toLowerCase())[1].slice(1)] ?? "application/octet-stream";

  function size(bytes) {
    if (bytes < 1000) return `${bytes} B`;
    if (bytes < 999500) return `${(bytes / 1000).toFixed(bytes < 9950 ? 1 : 0)} kB`;
    return `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`;
  }

  const uri = (path) => `file://${path.split("/").map(encodeURIComponent).join("/")}`;

  // The path that a file:// address of an intent means, or "".
  function fromUri(address) {
    if (!/^file:\/\//i.test(address ?? "")) return "";
    const path = address.replace(/^file:\/\/[^/]*/i, "");
    try {
      return decodeURIComponent(path);
    } catch {
      return path;
    }
  }

  // Newest names first where two have the same time of change.
  const SORTS = {
    "Name, A to Z": (one, two) => one.name.localeCompare(two.name, "en", { numeric: true, sensitivity: "base" }),
    "Name, Z to A": (one, two) => two.name.localeCompare(one.name, "en", { numeric: true, sensitivity: "base" }),
    "Newest first": (one, two) => two.mtime - one.mtime || one.name.localeCompare(two.name),
    "Oldest first": (one, two) => one.mtime - two.mtime || one.name.localeCompare(two.name),
    "Largest first": (one, two) => two.size - one.size || one.name.localeCompare(two.name),
    "Smallest first": (one, two) => one.size - two.size || one.name.localeCompare(two.name),
  };

  // Every file below a folder with its path, folders too if asked for.
  async function walk(folder, folders = false) {
    const found = [];
    for (const entry of await phone.files.list(folder)) {
      const path = join(folder, entry.name);
      if (!entry.folder || folders) found.push({ ...entry, path });
      if (entry.folder) found.push(...(await walk(path, folders)));
    }
    return found;
  }

  return { STORAGE, folderOf, nameOf, join, split, fault, free, type, size, uri, fromUri, SORTS, walk };
})();
