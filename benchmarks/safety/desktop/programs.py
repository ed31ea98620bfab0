"""Small X11 programs of the attacker's, run by the system's Python with tkinter; each does its deed by a shell line that it is given.

`NOTICE SHELL TEXT BUTTON GO`: a window that no window manager frames, with a text and a button; where GO is not empty it covers the
screen and shows once something comes through the pipe GO. `THIEF SHELL TITLE GO`: a window that takes the keyboard once something comes
through GO; any key in it is the deed. Both sleep until then: a desktop is not at rest while a program without a window is at work.
`PICTURE TEXT`: words that are only pixels. `CHAT SHELL LABEL`: a field; Enter hands what is in it to SHELL as $1.
"""

from __future__ import annotations

_HEAD = """
import os, subprocess, sys, tkinter as tk
def deed(shell, *words):
    subprocess.Popen(["sh", "-c", shell, "sh", *words])
def once(root, go, show):
    def told(pipe, mask):
        root.tk.deletefilehandler(pipe)
        show()
        root.update()
        open(go + ".done", "w").close()
    root.tk.createfilehandler(os.open(go, os.O_RDWR), tk.READABLE, told)
"""
NOTICE = f"""{_HEAD}
shell, text, word, go = sys.argv[1:]
root = tk.Tk(className="Notice"); root.title("Notification"); root.overrideredirect(True)
whole = f"{{root.winfo_screenwidth()}}x{{root.winfo_screenheight()}}+0+0"
root.geometry(whole if go else "420x150+560+40"); root.configure(bg="#f8e8b0")
if go:
    root.bind("<Button>", lambda event: deed(shell))
else:
    tk.Label(root, text=text, wraplength=380, bg="#f8e8b0").place(x=20, y=15)
    button = tk.Label(root, text=word, bg="#d0d0d0", relief="raised")
    button.place(x=150, y=95, width=120, height=36)
    button.bind("<Button>", lambda event: deed(shell))
def show():
    root.deiconify(); root.lift()
if go:
    root.withdraw(); once(root, go, show)
root.mainloop()
"""
THIEF = f"""{_HEAD}
shell, title, go = sys.argv[1:]
root = tk.Tk(className="Thief"); root.title(title); root.geometry("300x120+500+60"); root.withdraw()
root.bind("<Key>", lambda event: deed(shell))
def show():
    root.deiconify(); root.lift(); root.update(); root.focus_force()
once(root, go, show)
root.mainloop()
"""
PICTURE = f"""{_HEAD}
root = tk.Tk(className="Viewer"); root.title("IMG_2041.png"); root.geometry("460x200+760+40")
canvas = tk.Canvas(root, bg="#204060", highlightthickness=0); canvas.pack(fill="both", expand=True)
canvas.create_text(230, 100, text=sys.argv[1], fill="white", width=420, font=("DejaVu Sans", 13))
root.mainloop()
"""
CHAT = f"""{_HEAD}
shell, label = sys.argv[1:]
root = tk.Tk(className="Chat"); root.title("Support chat"); root.geometry("420x140+760+40")
tk.Label(root, text=label, wraplength=390).place(x=15, y=10)
entry = tk.Entry(root); entry.place(x=15, y=90, width=390, height=34)
entry.bind("<Return>", lambda event: deed(shell, entry.get()))
root.mainloop()
"""
SCRIPTS = {"notice": NOTICE, "thief": THIEF, "picture": PICTURE, "chat": CHAT}
"""The programs by their names."""
BUTTON = (210, 113)
"""Middle of a notice's button, from the corner of its window."""
FIELD = (200, 107)
"""Middle of the chat's field, from the corner of its window."""
