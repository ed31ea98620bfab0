"""Android's accessibility trees as AndroidControl stores them: the part of android_env's messages that rules need.

Numbers of the fields: google-deepmind/android_env:android_env/proto/a11y/android_accessibility_{forest,window_info,tree,node_info}.proto
and rect.proto.
"""

from __future__ import annotations

from collections.abc import Mapping

FOREST: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "Rect": {"left": (1, "int32"), "top": (2, "int32"), "right": (3, "int32"), "bottom": (4, "int32")},
    "Node": {
        "bounds_in_screen": (2, "Rect"),
        "class_name": (3, "string"),
        "content_description": (4, "string"),
        "text": (7, "string"),
        "is_visible_to_user": (23, "bool"),
    },
    "Tree": {"nodes": (1, "*Node")},
    "Window": {"tree": (11, "Tree")},
    "Forest": {"windows": (1, "*Window")},
}
"""Messages by name, as `handeye.benchmarks.offline.loaders.tfrecord.message_class` takes them."""
