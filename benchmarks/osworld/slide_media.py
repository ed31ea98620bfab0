"""Sounds and background pictures of slides, taken out of a presentation."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from handeye.benchmarks.osworld.documents import reading

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"


def media_in_slide(path: Path, index: int, kind: str, folder: Path) -> str:
    """The sound (`kind` "audio") or background picture ("image") of slide `index` (from 0): a path in `folder`, where it is put, or the
    `file:` address of what is only linked; empty if the slide has none. Raises `Unreadable`."""
    with reading(path), zipfile.ZipFile(path) as package:
        slide, relations = f"ppt/slides/slide{index + 1}.xml", f"ppt/slides/_rels/slide{index + 1}.xml.rels"
        if slide not in package.namelist() or relations not in package.namelist():
            return ""
        wanted = _background(package.read(slide)) if kind == "image" else ""
        for relation in ElementTree.fromstring(package.read(relations)).iter(f"{_REL}Relationship"):
            if kind not in relation.get("Type", "") or (kind == "image" and relation.get("Id") != wanted):
                continue
            target = relation.get("Target", "")
            if target.startswith("file:"):
                return target
            inside = posixpath.normpath(posixpath.join("ppt/slides", target))
            out = folder / posixpath.basename(inside)
            out.write_bytes(package.read(inside))
            return str(out)
    return ""


def _background(slide: bytes) -> str:
    """The relation of a slide's background picture; empty if it has none."""
    for properties in ElementTree.fromstring(slide).iter(f"{_P}bgPr"):
        for blip in properties.iter(f"{_A}blip"):
            return blip.get(f"{_R}embed", "")
    return ""
