"""The images of a benchmark in a folder: found by the annotation's name, their sizes held against the annotation's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from handeye.benchmarks.grounding.images import FileImage, image_size
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.loaders.reading import Problems
from handeye.tools.geometry import Size

NAMED = 3
"""Missing images that a note names."""


class ImageFolder:
    """The images that a benchmark's annotations name. A header is read once, however many rows share an image."""

    def __init__(self, folders: Sequence[Path], options: LoadOptions, problems: Problems) -> None:
        """`folders` are where images may lie, the first that has one counts; `options.images` goes before them."""
        self._folders = [options.images] if options.images is not None else [folder for folder in folders if folder.is_dir()]
        self._need, self._problems = options.need_images, problems
        self._sizes: dict[Path, Size | None] = {}
        self._missing: dict[str, None] = {}
        self._seen: set[str] = set()

    def look_up(self, name: str, said: Size | None, source: str) -> tuple[FileImage, Size | None]:
        """The image that the row `source` names, and its size: the annotation's `said`, or the file's where it says none."""
        self._seen.add(name)
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts:
            self._problems.add(source, f"names the image {name!r:.80}, which is no place inside of a folder")
            return FileImage(name, Path(relative.name)), said
        path = next((folder / relative for folder in self._folders if (folder / relative).is_file()), None)
        if path is None:
            self._missing[name] = None
            if self._need:
                where = " or ".join(map(str, self._folders)) or "any folder"
                self._problems.add(source, f"its image {name} is not in {where}")
            return FileImage(name, (self._folders[0] if self._folders else Path()) / relative), said
        found = self._size(path, source)
        if said is not None and found is not None and said != found:
            self._problems.add(source, f"its image {name} is {found}, the annotation says {said}")
        return FileImage(name, path), said or found

    def _size(self, path: Path, source: str) -> Size | None:
        if path not in self._sizes:
            try:
                self._sizes[path] = image_size(path)
            except ValueError as error:
                self._problems.add(source, f"{path} {error}")
                self._sizes[path] = None
        return self._sizes[path]

    def notes(self) -> list[str]:
        """What is missing, in a sentence."""
        if not self._missing:
            return []
        some = ", ".join(list(self._missing)[:NAMED])
        more = f" and {len(self._missing) - NAMED} more" if len(self._missing) > NAMED else ""
        return [f"{len(self._missing)} of {len(self._seen)} images are not there: {some}{more}."]
