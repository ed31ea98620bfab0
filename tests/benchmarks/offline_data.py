"""Data of the offline benchmarks as their tests make it."""

from __future__ import annotations

import gzip
import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from handeye.benchmarks.offline.loaders.tfrecord import masked_crc, message_class
from handeye.tools.geometry import Size


def png(size: Size, shade: int = 0) -> bytes:
    """A picture of one grey."""
    data = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(data, "PNG")
    return data.getvalue()


def example(features: dict[str, list[Any]]) -> bytes:
    message = message_class("example", "Example")()
    for key, values in features.items():
        entry = message.features.feature.add(key=key)
        kind = "int64_list" if values and isinstance(values[0], int) else "bytes_list"
        getattr(entry.value, kind).value.extend(values)
    data: bytes = message.SerializeToString()
    return data


def forest(*nodes: tuple[tuple[int, int, int, int], str, bool]) -> bytes:
    message = message_class("forest", "Forest")()
    tree = message.windows.add().tree
    for (left, top, right, bottom), text, visible in nodes:
        node = tree.nodes.add(text=text, is_visible_to_user=visible)
        node.bounds_in_screen.left, node.bounds_in_screen.top = left, top
        node.bounds_in_screen.right, node.bounds_in_screen.bottom = right, bottom
    data: bytes = message.SerializeToString()
    return data


def framed(record: bytes) -> bytes:
    head = struct.pack("<Q", len(record))
    return head + struct.pack("<I", masked_crc(head)) + record + struct.pack("<I", masked_crc(record))


ACTIONS = (
    {"action_type": "click", "x": 15, "y": 25},
    {"action_type": "scroll", "direction": "left"},
    {"action_type": "open_app", "app_name": "Clock"},
    {"action_type": "input_text", "text": "tea"},
    {"action_type": "type", "x": 15, "y": 25, "text": "milk"},
    {"action_type": "navigate_back"},
    {"action_type": "wait"},
    {"action_type": "long_press", "x": 3, "y": 4},
)


def recorded(actions: tuple[dict[str, Any], ...] = ACTIONS, size: Size = Size(100, 200), **more: list[Any]) -> bytes:
    count = len(actions) + 1
    tree = forest(((0, 0, 100, 200), "", True), ((10, 20, 30, 40), "My clock", True), ((12, 22, 20, 30), "hidden", False))
    features: dict[str, list[Any]] = {
        "episode_id": [31],
        "goal": [b"set an alarm"],
        "screenshots": [png(Size(100, 200), index) for index in range(count)],
        "screenshot_widths": [size.width] * count,
        "screenshot_heights": [size.height] * count,
        "accessibility_trees": [tree] * count,
        "actions": [json.dumps(action).encode() for action in actions],
        "step_instructions": [b"step"] * (count - 1),
    }
    return example(features | more)


def tfrecord(folder: Path, *records: bytes, mend: Callable[[bytes], bytes] = lambda data: data, zipped: bool = True) -> Path:
    data = mend(b"".join(framed(record) for record in records))
    (folder / "android_control-00000-of-00001").write_bytes(gzip.compress(data) if zipped else data)
    return folder
