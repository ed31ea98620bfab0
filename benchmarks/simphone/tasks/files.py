"""Notes and files."""

from __future__ import annotations

import random
from abc import ABC
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.answers import names, tells_number
from handeye.benchmarks.simphone.people import GROCERIES, NOTE_NAMES, SENTENCES
from handeye.benchmarks.simphone.phone import NOTES, STORAGE, Phone
from handeye.benchmarks.simphone.stores import Changes
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.ui import Ui, open_app

DOWNLOADS = f"{STORAGE}/Download"
_DOCUMENTS = ("invoice_march.txt", "invoice_may.txt", "contract.txt", "contract_draft.txt", "timetable.txt", "manual.txt", "tickets.txt")


def draw_notes(rng: random.Random) -> dict[str, Any]:
    """`name` and `text` of a note, and `others` by name."""
    name, *others = rng.sample(NOTE_NAMES, 4)
    text, *texts = rng.sample(SENTENCES, 4)
    return {"name": f"{name}.md", "text": text, "others": {f"{other}.md": one for other, one in zip(others, texts, strict=True)}}


class NoteTask(Task, ABC):
    """A task with a folder of notes."""

    apps: ClassVar[tuple[str, ...]] = ("Notes",)
    kind: ClassVar[str] = "notes and files"
    difficulty: ClassVar[Difficulty] = "easy"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        """A note's name and text, and others."""
        return draw_notes(rng)

    @property
    def own(self) -> dict[str, str]:
        """The notes that the task is about and that are there, by name."""
        return {self.params["name"]: self.params["text"]}

    @property
    def path(self) -> str:
        """Where the note lies."""
        return f"{NOTES}/{self.params['name']}"

    def prepare(self, phone: Phone) -> None:
        phone.write_notes({**self.params["others"], **self.own})


class NotesAdd(NoteTask):
    """One more note."""

    template = 'Create a note named "{name}" with the text "{text}"'
    complexity = 1.2

    @property
    def own(self) -> dict[str, str]:
        return {}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_came(self.path) and phone.has_text(self.path, self.params["text"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Notes")
        yield from pickers.add_note(ui, self.params["name"], self.params["text"])


class NotesAppend(NoteTask):
    """A note has one line more."""

    template = 'Add the line "{line}" at the end of the note "{name}". What is in it stays.'
    difficulty = "medium"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        found = super().sample(rng)
        return {**found, "line": rng.choice([one for one in SENTENCES if one != found["text"]])}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_changed(self.path) and phone.has_text(self.path, f"{self.params['text']}\n{self.params['line']}")

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Notes")
        yield from ui.tap(self.params["name"])
        yield from pickers.append(ui, self.params["line"])


class NotesDelete(NoteTask):
    """A note goes."""

    template = 'Delete the note "{name}".'

    @property
    def own(self) -> dict[str, str]:
        return {**super().own, f"{self.params['name'][:-3]}_old.md": self.params["text"]}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_went(self.path)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Notes")
        yield from ui.hold(self.params["name"])
        yield from ui.tap("Delete")
        yield from pickers.confirm(ui, "Delete")


class NotesAmount(NoteTask):
    """A question about a list."""

    template = 'How many {item} does the note "{name}" ask for? Answer with the number alone.'
    question = True

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        items = rng.sample(GROCERIES, 7)
        amounts = rng.sample(range(2, 20), 7)
        lines = [f"- {amount} x {item}" for amount, item in zip(amounts, items, strict=True)]
        place = rng.randrange(7)
        return {**super().sample(rng), "text": "\n".join(lines), "item": items[place], "amount": amounts[place]}

    def answered(self, answer: str) -> bool:
        return tells_number(answer, self.params["amount"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Notes")
        yield from ui.tap(self.params["name"])
        yield from ui.find(f"~{self.params['amount']} x {self.params['item']}")
        yield pickers.answer(str(self.params["amount"]))


class _FileTask(Task, ABC):
    apps = ("Files",)
    kind = "notes and files"
    difficulty: ClassVar[Difficulty] = "medium"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        """A file's name and those of others."""
        name, *others = rng.sample(_DOCUMENTS, 5)
        return {"name": name, "others": others}

    @property
    def path(self) -> str:
        """Where the file lies."""
        return f"{DOWNLOADS}/{self.params['name']}"

    def prepare(self, phone: Phone) -> None:
        phone.clear_folder(DOWNLOADS)
        for number, name in enumerate(sorted([self.params["name"], *self.params["others"]])):
            phone.write(f"{DOWNLOADS}/{name}", f"{name}, page 1 of {number + 2}\n")


class FilesDelete(_FileTask):
    """A file goes."""

    template = 'Delete the file "{name}" from the folder Download.'

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_went(self.path)

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.open_folder(ui, "Download")
        yield from ui.hold(self.params["name"])
        yield from ui.tap("Delete")
        yield from pickers.confirm(ui, "Delete")


class FilesRename(_FileTask):
    """A file has another name."""

    template = 'Rename the file "{name}" in the folder Download to "{new}".'

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {**super().sample(rng), "new": f"{rng.choice(NOTE_NAMES)}_{rng.randint(10, 99)}.txt"}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_moved(self.path, f"{DOWNLOADS}/{self.params['new']}")

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.open_folder(ui, "Download")
        yield from ui.hold(self.params["name"])
        yield from ui.tap("More options", "Rename")
        yield from pickers.rename(ui, self.params["new"])


class FilesMove(_FileTask):
    """A file lies in another folder."""

    template = 'Move the file "{name}" from the folder Download to the folder Documents.'
    difficulty = "hard"
    complexity = 1.4

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_moved(self.path, f"{STORAGE}/Documents/{self.params['name']}")

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.open_folder(ui, "Download")
        yield from ui.hold(self.params["name"])
        yield from pickers.move_chosen(ui, "Documents")


class FilesLargest(_FileTask):
    """A question about what is in a folder."""

    template = "Which file in the folder Download is the largest? Answer with its name."
    question = True

    def prepare(self, phone: Phone) -> None:
        super().prepare(phone)
        phone.write(self.path, "A long text. " * 2_000)

    def answered(self, answer: str) -> bool:
        return names(answer, self.params["name"], self.params["others"])

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.open_folder(ui, "Download")
        yield from ui.find(self.params["name"])
        yield pickers.answer(self.params["name"])
