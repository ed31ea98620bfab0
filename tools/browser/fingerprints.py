"""Marks by which a page's guard knows a text that it is not to have: a length, a salt and a keyed hash in place of the text itself.

Short or common texts can be guessed from such a mark; what no process of a page ever holds is the text as it is.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_SPACES = re.compile("[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]")
_ALL = 0xFFFFFFFF


def fingerprint(text: str, salt: int) -> dict[str, Any]:
    """What `guard.js` compares each part of a text of the same length with; `salt` of 32 bits. `length` is in UTF-16 units of the folded
    text: compatibility forms, ASCII capitals and spaces aside."""
    folded = _SPACES.sub("", unicodedata.normalize("NFKC", text))
    data = "".join(letter.lower() if letter.isascii() else letter for letter in folded).encode("utf-16-le")
    units = [data[at] | data[at + 1] << 8 for at in range(0, len(data), 2)]
    return {"length": len(units), "salt": salt, "hash": keyed_hash(units, salt)}


def keyed_hash(units: list[int], salt: int) -> int:
    """53 bits of `units` (cyrb53, bryc, public domain): the same numbers as in `guard.js`."""
    one, two = 0xDEADBEEF ^ salt, 0x41C6CE57 ^ salt
    for unit in units:
        one = (one ^ unit) * 2654435761 & _ALL
        two = (two ^ unit) * 1597334677 & _ALL
    one = (one ^ one >> 16) * 2246822507 & _ALL
    one ^= (two ^ two >> 13) * 3266489909 & _ALL
    two = (two ^ two >> 16) * 2246822507 & _ALL
    two ^= (one ^ one >> 13) * 3266489909 & _ALL
    return (two & 0x1FFFFF) << 32 | one
