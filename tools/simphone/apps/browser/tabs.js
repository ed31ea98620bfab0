"use strict";
// Tabs: each is a frame and a trail of addresses. The trail is ours, because the frames of a page share one history.
const FILE_HOST = "http://file.internal";
const outer = (url) => (url.startsWith(`${FILE_HOST}/`) ? `file://${url.slice(FILE_HOST.length)}` : url);
const inner = (url) => (/^file:\/\//i.test(url) ? FILE_HOST + url.replace(/^file:\/\/[^/]*/i, "") : url);
const tabs = {
  all: [],
  front: null,
  onChange: () => {},

  async restore() {
    for (const row of await store.tabs()) {
      let trail = [];
      try {
        trail = JSON.parse(row.trail);
      } catch {
        trail = [];
      }
      if (!Array.isArray(trail) || !trail.length) trail = [{ url: row.url, title: row.title }];
      this.all.push({ id: row._id, url: row.url, title: row.title, trail, place: Math.min(row.place, trail.length - 1), frame: null, loading: false, pending: "" });
      if (row.front) this.front = this.all.at(-1);
    }
    if (!this.all.length) await this.add();
    this.show(this.front ?? this.all.at(-1));
  },

  async add(url = "") {
    const tab = { id: await store.addTab(), url: "", title: "", trail: [{ url: "", title: "" }], place: 0, frame: null, loading: false, pending: "" };
    this.all.push(tab);
    this.show(tab);
    if (url) {
      tab.trail = [];
      tab.place = -1;
      this.go(tab, url);
    }
    return tab;
  },

  show(tab) {
    this.front = tab;
    void store.frontTab(tab.id);
    if (tab.url && !tab.frame) this.load(tab, tab.url);
    for (const other of this.all) if (other.frame) other.frame.hidden = other !== tab || !tab.url;
    at("start").hidden = Boolean(tab.url);
    this.onChange();
  },

  // Open an address as a new step of the tab's trail.
  go(tab, url) {
    tab.trail = tab.trail.slice(0, tab.place + 1);
    tab.trail.push({ url, title: "" });
    tab.place += 1;
    this.load(tab, url);
  },

  load(tab, url) {
    tab.url = url;
    tab.title = tab.trail[tab.place]?.title ?? "";
    tab.pending = url;
    tab.loading = Boolean(url);
    if (!url) {
      tab.frame?.remove();
      tab.frame = null;
    } else {
      if (!tab.frame) {
        tab.frame = make("iframe", { sandbox: "allow-scripts allow-forms allow-same-origin allow-downloads", "aria-label": "Web page", class: "page" });
        at("pages").append(tab.frame);
      }
      // Replaced, not assigned: going through the shell's own history must not change a tab.
      tab.frame.contentWindow.location.replace(inner(url));
    }
    void store.keepTab(tab);
    if (tab === this.front) this.show(tab);
  },

  step(tab, by) {
    const place = tab.place + by;
    if (place < 0 || place >= tab.trail.length) return false;
    tab.place = place;
    this.load(tab, tab.trail[place].url);
    return true;
  },

  reload(tab) {
    if (tab.url) this.load(tab, tab.url);
  },

  async close(tab) {
    tab.frame?.remove();
    await store.dropTab(tab.id);
    const place = this.all.indexOf(tab);
    this.all.splice(place, 1);
    if (!this.all.length) await this.add();
    else if (tab === this.front) this.show(this.all[Math.max(0, place - 1)]);
    this.onChange();
  },

  of(source) {
    return this.all.find((tab) => tab.frame?.contentWindow === source);
  },

  // A page began: where it stands in the trail depends on who opened it.
  began(tab, said) {
    const url = outer(said.url);
    if (tab.pending || said.how === "replace" || said.how === "reload") {
      tab.trail[tab.place] = { url, title: said.same ? tab.title : "" };
      tab.pending = "";
    } else if (said.how === "traverse") {
      const earlier = tab.trail.findLastIndex((entry, place) => place !== tab.place && entry.url === url);
      if (earlier >= 0) tab.place = earlier;
      else tab.trail[tab.place] = { url, title: "" };
    } else {
      tab.trail = tab.trail.slice(0, tab.place + 1);
      tab.trail.push({ url, title: said.same ? tab.title : "" });
      tab.place += 1;
    }
    tab.url = url;
    if (!said.same) {
      tab.title = "";
      tab.loading = true;
    }
    void store.keepTab(tab);
    void store.visit(url, tab.title || shortAddress(url));
    this.onChange();
  },

  titled(tab, said) {
    if (outer(said.url) !== tab.url || said.title === tab.title) return;
    tab.title = said.title;
    if (tab.trail[tab.place]) tab.trail[tab.place].title = said.title;
    void store.keepTab(tab);
    if (said.title) void store.rename(tab.url, said.title);
    this.onChange();
  },
};
