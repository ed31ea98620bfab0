"""A small program for the tests of the desktop: run it with a Python that has tkinter; its places are in `PLACES`.

`scene.py clock|spinner|plain [LOG]`: a window with things to click; each click is written to LOG. `scene.py late`: a second window.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
import tkinter
from pathlib import Path
from tkinter import messagebox

PLACES = {
    "nothing": (60, 30),
    "menu": (180, 30),
    "timer": (300, 30),
    "start": (420, 30),
    "dialog": (60, 90),
    "slow": (180, 90),
    "page": (300, 90),
    "work": (420, 90),
    "entry": (120, 160),
}
"""Middles of the things in the window, in its pixels."""
SIZE = (500, 400)


class Scene:
    def __init__(self, mover: str, log: str) -> None:
        self.log = log
        self.root = tkinter.Tk(className="Scene")
        self.root.title("Scene")
        self.root.geometry(f"{SIZE[0]}x{SIZE[1]}+100+100")
        self.menu = tkinter.Menu(self.root, tearoff=False)
        for name in ("One", "Two", "Three"):
            self.menu.add_command(label=name, command=lambda name=name: self.write(name))
        doing = {
            "nothing": lambda: None,
            "menu": lambda: self.menu.tk_popup(self.root.winfo_rootx() + 150, self.root.winfo_rooty() + 180),
            "timer": self.wait_for_word,
            "start": lambda: subprocess.Popen([sys.executable, __file__, "late"]),
            "dialog": lambda: messagebox.showinfo("Notice", "Something happened", parent=self.root),
            "slow": lambda: self.bar(0),
            "page": lambda: self.page.configure(bg="#00aa00"),
            "work": self.work,
        }
        for name, command in doing.items():
            x, y = PLACES[name]
            button = tkinter.Label(self.root, text=name, bg="#cccccc")
            button.place(x=x, y=y, anchor="center", width=90, height=30)
            button.bind("<ButtonRelease-1>", lambda event, name=name, command=command: (self.write(name), command()))
        self.entry = tkinter.Entry(self.root)
        self.entry.place(x=PLACES["entry"][0], y=PLACES["entry"][1], anchor="center", width=200, height=30)
        self.page = tkinter.Frame(self.root, bg="white")
        self.page.place(x=20, y=200, width=200, height=150)
        self.canvas = tkinter.Canvas(self.root, width=100, height=100, bg="white", highlightthickness=0)
        self.canvas.place(x=380, y=280)
        self.progress = tkinter.Canvas(self.root, width=220, height=20, bg="white", highlightthickness=0)
        self.progress.place(x=250, y=200)
        {"clock": self.clock, "spinner": self.spin, "plain": lambda: None}[mover]()

    def write(self, line: str) -> None:
        if self.log:
            with Path(self.log).open("a") as file:
                file.write(line + "\n")

    def clock(self) -> None:
        self.canvas.delete("all")
        self.canvas.create_text(50, 50, text=time.strftime("%H:%M:%S"))
        self.root.after(1000, self.clock)

    def spin(self) -> None:
        turn = time.monotonic() * 5
        self.canvas.delete("all")
        x, y = 50 + 30 * math.cos(turn), 50 + 30 * math.sin(turn)
        self.canvas.create_oval(x - 10, y - 10, x + 10, y + 10, fill="black")
        self.root.after(33, self.spin)

    def bar(self, step: int) -> None:
        """Grow for about half a second, then turn blue."""
        self.progress.create_rectangle(0, 0, 11 * step, 20, fill="blue" if step == 20 else "orange", width=0)
        if step < 20:
            self.root.after(25, self.bar, step + 1)

    def work(self) -> None:
        """Think for a while without showing anything, then show it."""
        end = time.process_time() + 0.25
        while time.process_time() < end:
            math.sqrt(2.0)
        self.page.configure(bg="#aa0000")

    def wait_for_word(self) -> None:
        """Show the second window by itself, once the file LOG.go is there."""
        if Path(self.log + ".go").exists():
            Path(self.log + ".go").unlink()
            self.second()
        else:
            self.root.after(20, self.wait_for_word)

    def second(self) -> None:
        window = tkinter.Toplevel(self.root, bg="#0000ff")
        window.title("Second")
        window.geometry("300x200+120+110")
        window.bind("<ButtonRelease-1>", lambda event: self.write("second"))
        window.focus_force()


if __name__ == "__main__":
    if sys.argv[1] == "late":
        other = tkinter.Tk(className="Late")
        other.title("Late")
        other.geometry("300x200+700+300")
        other.configure(bg="#0000ff")
        other.mainloop()
    else:
        Scene(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "").root.mainloop()
