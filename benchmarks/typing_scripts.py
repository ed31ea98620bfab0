"""Small programs of our own into which text is typed: each writes what it has into the file of its first argument at ctrl+s, and takes
all of it out at ctrl+a and Delete."""

from __future__ import annotations

TK = """
import sys, tkinter
root = tkinter.Tk()
root.title(sys.argv[1])
text = tkinter.Text(root, undo=False)
text.pack()
text.focus_force()
def save(event):
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(text.get("1.0", "end-1c"))
    return "break"
def everything(event):
    text.tag_add("sel", "1.0", "end-1c")
    return "break"
text.bind("<Control-s>", save)
text.bind("<Control-a>", everything)
root.mainloop()
"""
"""An editor."""

TERMINAL = """
import os, sys, termios, tty
tty.setraw(0)
text = b""
while part := os.read(0, 65536):
    text += part
    while b"\\x13" in text or b"\\x1b[3~" in text:
        places = [place for place in (text.find(b"\\x13"), text.find(b"\\x1b[3~")) if place >= 0]
        before, text = text[:min(places)], text[min(places):]
        if text.startswith(b"\\x13"):
            with open(sys.argv[1], "wb") as file:
                file.write(before)
            text = before + text[1:]
        else:
            text = text[4:]
"""
"""For the inside of a terminal: the bytes that it is given. (Delete alone takes all out: ctrl+a is gone with it.)"""

CHROMIUM = """
import http.server, os, subprocess, sys, threading
name = sys.argv[1]
PAGE = '''<!doctype html><meta charset="utf-8"><title>%s</title><style>body{margin:0}textarea{width:99vw;height:97vh}</style>
<textarea autofocus spellcheck="false"></textarea><script>
onkeydown = event => {
  if (event.key == "F2") {
    event.preventDefault();
    fetch("/", {method: "POST", body: document.querySelector("textarea").value});
  }
}</script>''' % os.path.basename(name)
one_at_a_time = threading.Lock()
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(PAGE.encode())
    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"] or 0))
        with one_at_a_time:
            with open(name + ".part", "wb") as file:
                file.write(data)
            os.replace(name + ".part", name)
        self.answer(b"")
    def answer(self, data):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
options = ["--no-sandbox", "--no-first-run", "--disable-gpu", "--password-store=basic", f"--user-data-dir={name}.profile"]
subprocess.run(["chromium", *options, f"--app=http://127.0.0.1:{server.server_port}/"])
"""
"""A page with a text field in Chromium's own window, and the server that it is from. It saves at F2: ctrl+s is the browser's own while the
page is busy."""
