"""What can be seen: a screenshot, and what the environment knows for free beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from handeye.tools.device import Pixels
from handeye.tools.geometry import Point, Size


@dataclass(frozen=True)
class Dialog:
    """A dialog of the page that waits for `answer_dialog`."""

    kind: str
    """alert, confirm, prompt or beforeunload."""
    message: str
    default: str = ""


@dataclass(frozen=True)
class Tab:
    """An open tab."""

    title: str
    url: str
    active: bool = False


@dataclass(frozen=True, eq=False)
class Observation:
    """One look at the screen. Frozen; two observations are never equal unless they are the same object."""

    screenshot: Pixels
    """uint8 RGB, shape (height, width, 3); read only."""
    url: str = ""
    title: str = ""
    app: str = ""
    tabs: tuple[Tab, ...] = ()
    dialog: Dialog | None = None
    file_chooser: bool = False
    """A file chooser waits for `choose_files`."""
    downloads: tuple[str, ...] = ()
    """Paths of the files that finished downloading in this episode."""
    notes: tuple[str, ...] = ()
    """What happened since the last look and is not on the picture, each a sentence for the model (a page crashed, a tab opened, ...)."""
    pointer: Point | None = None
    extra: dict[str, str] = field(default_factory=dict)
    """What one kind of environment alone knows; never shown to the model."""

    def __post_init__(self) -> None:
        shape, dtype = self.screenshot.shape, self.screenshot.dtype
        if len(shape) != 3 or shape[2] != 3 or dtype != "uint8" or 0 in shape:
            raise ValueError(f"a screenshot is uint8 of shape (height, width, 3), not {dtype} of shape {shape}")
        self.screenshot.setflags(write=False)

    @property
    def size(self) -> Size:
        """Size of the screenshot."""
        return Size(self.screenshot.shape[1], self.screenshot.shape[0])
