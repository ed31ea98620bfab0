"""From pixels to lines of text: PP-OCR through rapidocr, reading again only what changed since an earlier frame."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.agent.models.ocr.boxes import cover, overlap
from handeye.agent.models.ocr.shapes import alike
from handeye.agent.models.ocr.unread import unread_boxes
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Box

SMALL_LINE = 34
"""Below this median height of the read lines, in pixels, text is of the size that browsers use at a device scale of 1."""
_FEW = 3
"""So few lines do not tell how large the text of a page is: one of them may be its heading."""
_FRAMES = 3
"""Earlier frames to compare with: enough to come back from a menu or a tab without a full read."""
_TILE = 8
"""Side in pixels of the squares in which changes are looked for."""
_MARGIN = 24
"""Pixels of its surroundings that a piece is read with: the detector misses text that touches the edge of what it sees."""
_NOISE = 10
"""Differences of a channel up to this do not count: what a resize of the same screen leaves behind."""
_FULL_READ = 0.5
"""Above this changed share of the picture one full read costs less than many pieces."""
_LEAST_SCORE = 0.5
"""rapidocr's own default for the lowest confidence of a line (rapidocr config.yaml, Global.text_score)."""
_GAP = 0.9
"""Words further apart than this share of the line's height are not of one text."""


@dataclass(frozen=True)
class Word:
    """A run of characters without a space."""

    text: str
    box: Box


@dataclass(frozen=True)
class Line:
    """What the detector takes for one piece of text, left to right."""

    text: str
    box: Box
    words: tuple[Word, ...]
    score: float
    """Confidence of the recognition, 0 to 1."""


class Reader:
    """Reads pictures. Keeps the last frames, so that only what changed is read again; not thread safe."""

    def __init__(self) -> None:
        self._engine: Any = None
        self._frames: deque[tuple[Pixels, tuple[Line, ...]]] = deque(maxlen=_FRAMES)
        self.pixels_read = 0
        """Pixels that went through the detector in the last `read`: 0 when the frame was known."""

    def read(self, pixels: Pixels) -> tuple[Line, ...]:
        """The lines on `pixels` (uint8 RGB, shape (height, width, 3)), from top to bottom. Raises `SetupError` without rapidocr."""
        self.pixels_read = 0
        known: tuple[NDArray[np.bool_], tuple[Line, ...]] | None = min(
            ((_changes(pixels, frame), lines) for frame, lines in self._frames if frame.shape == pixels.shape),
            key=lambda pair: int(pair[0].sum()),
            default=None,
        )
        if known is None or known[0].mean() > _FULL_READ:
            lines = self._read_part(pixels, Box(0, 0, pixels.shape[1], pixels.shape[0]))
            lines = (*lines, *self._missed(pixels, lines))
        else:
            lines = self._read_again(pixels, *known)
        lines = tuple(sorted(lines, key=lambda line: (line.box.top + line.box.bottom, line.box.left)))
        self._frames.append((pixels.copy(), lines))
        return lines

    def forget(self) -> None:
        """Forget the frames; the next `read` is a full one."""
        self._frames.clear()

    def _missed(self, pixels: Pixels, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """Small text that is not in `lines`, read from cuttings. Beside large text there is none: what is small is part of an icon."""
        if len(lines) > _FEW and median(line.box.height for line in lines) >= SMALL_LINE:
            return ()
        picture = (pixels.shape[1], pixels.shape[0])
        missed: list[Line] = []
        for box in unread_boxes(pixels, [line.box for line in lines]):
            if not any(overlap(box, line.box) for line in missed):
                part = self._read_part(pixels, _within(box.grown(2 * _MARGIN), picture))
                missed += [line for line in part if overlap(line.box, box) and not any(overlap(line.box, o.box) for o in (*lines, *missed))]
        return tuple(missed)

    def _read_again(self, pixels: Pixels, changed: NDArray[np.bool_], lines: tuple[Line, ...]) -> tuple[Line, ...]:
        kept = list(lines)
        fresh: list[Line] = []
        for box in changed_boxes(changed, [line.box for line in lines], pixels.shape[1], pixels.shape[0]):
            kept = [line for line in kept if not overlap(line.box, box)]
            around = _within(box.grown(_MARGIN), (pixels.shape[1], pixels.shape[0]))
            fresh += [line for line in self._read_part(pixels, around) if box.contains(line.box.center)]
        return (*kept, *fresh)

    def _read_part(self, pixels: Pixels, box: Box) -> tuple[Line, ...]:
        if self._engine is None:
            self._engine = _engine()
        part = pixels[box.top : box.bottom, box.left : box.right, ::-1]
        self.pixels_read += part.shape[0] * part.shape[1]
        result = self._engine(np.ascontiguousarray(part))
        if getattr(result, "boxes", None) is None or result.txts is None:
            return ()
        characters = result.word_results or [()] * len(result.txts)
        found = zip(result.txts, result.boxes, result.scores, characters, strict=True)
        return tuple(line for text, quad, score, chars in found if text.strip() for line in _lines(text, quad, float(score), chars, box))


def changed_boxes(changed: NDArray[np.bool_], lines: Iterable[Box], width: int, height: int) -> list[Box]:
    """Boxes to read again: the changed tiles, joined where they are close, grown over every line that they touch.

    `changed` has one value a tile of 8 x 8 pixels, shape (rows, columns).
    """
    import cv2

    near = cv2.dilate(changed.astype(np.uint8), np.ones((3, 5), np.uint8))
    stats = cv2.connectedComponentsWithStats(near, connectivity=8)[2][1:]
    picture = (width, height)
    boxes = [_within(Box(x, y, x + w, y + h), picture) for x, y, w, h in ((_TILE * stats[:, :4]).tolist())]
    lines = list(lines)
    while True:
        grown = [cover(box, [line.grown(_TILE) for line in lines if overlap(line, box)]) for box in boxes]
        joined: list[Box] = []
        for box in grown:
            touching = [other for other in joined if overlap(other, box)]
            joined = [other for other in joined if other not in touching] + [cover(box, touching)]
        joined = [_within(box, picture) for box in joined]
        if joined == boxes:
            return boxes
        boxes = joined


def _engine() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise SetupError("The embedded model reads with rapidocr, which is not installed.", fix="pip install 'handeye[ocr]'") from error
    # Reading scales badly with threads; the other half of the cores is the browser's.
    threads = max(1, min(4, (os.cpu_count() or 1) // 2))
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.max_side_len": 4096,
            "Global.text_score": _LEAST_SCORE,
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "Det.limit_side_len": 64,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _changes(pixels: Pixels, frame: Pixels) -> NDArray[np.bool_]:
    difference = alike(pixels, frame, _NOISE) == 0
    height, width = pixels.shape[:2]
    padded = np.zeros((-(-height // _TILE) * _TILE, -(-width // _TILE) * _TILE), dtype=np.bool_)
    padded[:height, :width] = difference
    tiles = padded.reshape(padded.shape[0] // _TILE, _TILE, -1, _TILE)
    return np.asarray(np.any(np.any(tiles, axis=1), axis=2), dtype=np.bool_)


def _lines(text: str, quad: Any, score: float, characters: Any, part: Box) -> list[Line]:
    """What was recognised as one line, cut where words stand further apart than any space is wide."""
    corners = np.asarray(quad)
    left, top = (int(value) for value in corners.min(axis=0))
    right, bottom = (int(value) for value in corners.max(axis=0))
    box = Box(left + part.left, top + part.top, right + part.left, bottom + part.top)
    spans = [(int(np.min(c[2], axis=0)[0]) + part.left, int(np.max(c[2], axis=0)[0]) + part.left) for c in characters]
    runs: list[list[Word]] = []
    for word in _words(text, box, spans):
        if runs and word.box.left - runs[-1][-1].box.right < _GAP * box.height:
            runs[-1].append(word)
        else:
            runs.append([word])
    lines = []
    for index, run in enumerate(runs):
        first = box.left if index == 0 else run[0].box.left
        last = box.right if index == len(runs) - 1 else run[-1].box.right
        lines.append(Line(" ".join(word.text for word in run), Box(first, box.top, last, box.bottom), tuple(run), score))
    return lines


def _words(text: str, box: Box, spans: list[tuple[int, int]]) -> tuple[Word, ...]:
    """Cut a line at its spaces; `spans` holds left and right of every character that is no space, or does not fit and is not used."""
    letters = sum(not c.isspace() for c in text)
    width = box.width / max(1, len(text))
    words, start, seen = [], 0, 0
    for piece in text.split(" "):
        count = sum(not c.isspace() for c in piece)
        if piece.strip():
            left, right = box.left + round(start * width), box.left + round((start + len(piece)) * width)
            if letters == len(spans):
                left, right = spans[seen][0], spans[seen + count - 1][1]
            words.append(Word(piece, Box(left, box.top, max(right, left + 1), box.bottom)))
        start += len(piece) + 1
        seen += count
    return tuple(words)


def _within(box: Box, picture: tuple[int, int]) -> Box:
    return Box(max(0, box.left), max(0, box.top), min(picture[0], box.right), min(picture[1], box.bottom))
