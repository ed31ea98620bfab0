"""What a file is by its first bytes: names and servers' words about it lie."""

from __future__ import annotations

SNIFFED = 512
"""Bytes that suffice."""

_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
"""ISO base media files that are pictures (ISO/IEC 23008-12, AV1 Image File Format)."""
_VIDEO_BEGINNINGS = (
    b"\x1a\x45\xdf\xa3",
    b"OggS",
    b"FLV\x01",
    b"\x00\x00\x01\xba",
    b"\x00\x00\x01\xb3",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
)
"""Matroska and WebM, Ogg, Flash, MPEG program and video streams, ASF."""
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip")


def looks_like_video(head: bytes) -> bool:
    """Whether a file that begins with `head` is a recording rather than a picture."""
    if head[4:8] == b"ftyp":
        return head[8:12] not in _PICTURE_BRANDS
    if head[4:8] in _BOXES or head.startswith(_VIDEO_BEGINNINGS):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"AVI "
    return len(head) > 376 and head[0] == head[188] == head[376] == 0x47


def looks_like_page(head: bytes) -> bool:
    """Whether `head` begins an HTML page, as servers answer instead of a file."""
    start = head[:SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head"))
