"""The games as WebGames' own JSONL lists them (convergence-ai/webgames: webgames/src/pages/Home.tsx, the download "Challenges JSONL")."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from handeye.tools.errors import InvalidAction, SetupError

VARIANTS: Final = ("base", "easy", "hard")
"""Games come in up to three forms. Rows without the field are the only form of their game, or its first: they count as `base`."""
LONGEST = 10_000
"""Characters of a text at most; the longest description of the published 150 has 299."""
FIX = "take the JSONL of WebGames: its start page with ?showDownloads=true, or the dataset convergence-ai/webgames on Hugging Face"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PATH = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*(?:/\*?)?")


class Game(BaseModel):
    """One game."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Its id, without the `/*` with which a router says that pages lie below."""
    path: str
    """Of its first page, below the address of the copy; ends with a slash where pages lie below."""
    title: str
    description: str
    password: str
    variant: str
    difficulty: str = ""
    tags: tuple[str, ...] = ()

    @property
    def goal(self) -> str:
        """What the agent is told."""
        return (
            f"Solve the game on this page. Its task: {self.description}\n"
            "When it is solved, the page shows a password. Answer with that password and nothing else."
        )


def read_games(path: Path) -> dict[str, Game]:
    """Every game of the file by its name, in the file's order. Blank lines are passed over.

    Raises `SetupError` with file and row for what is no game: no JSON object, a field that is missing or of another kind, an id that is
    there already or is no name, a path that leaves the copy, no password, a description that holds the password.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} cannot be read ({error}).", fix=FIX) from error
    games: dict[str, Game] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            game = _game(_object(line))
            if game.name in games:
                raise ValueError(f"the id {game.name!r} is there already")
        except ValueError as error:
            raise SetupError(f"{path}, row {number}: {error}.", fix=FIX) from error
        games[game.name] = game
    if not games:
        raise SetupError(f"{path} has no games.", fix=FIX)
    return games


def content_hash(games: Mapping[str, Game]) -> str:
    """Twelve digits that change with the games."""
    whole = json.dumps([game.model_dump() for game in games.values()], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def choose(games: Mapping[str, Game], names: tuple[str, ...], variants: tuple[str, ...]) -> list[Game]:
    """The games of these names (none: all) in these variants (none: all). Raises `InvalidAction` for what there is not."""
    for name in names:
        if name not in games:
            near = get_close_matches(name, games, n=3, cutoff=0.5)
            raise InvalidAction(f"no game is called {name!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
    for variant in variants:
        if variant not in VARIANTS:
            raise InvalidAction(f"games are {', '.join(VARIANTS)}, not {variant!r}")
    named = [games[name] for name in dict.fromkeys(names)] if names else list(games.values())
    found = [game for game in named if not variants or game.variant in variants]
    if not found:
        raise InvalidAction(f"none of these games is {' or '.join(variants)}")
    return found


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from error
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _game(row: dict[str, Any]) -> Game:
    name = _text(row, "id").removesuffix("/*")
    if not _NAME.fullmatch(name):
        raise ValueError(f"the id {name[:100]!r} is not a word of letters, digits, dots, lines and underscores")
    path = _text(row, "path")
    if not _PATH.fullmatch(path):
        raise ValueError(f"the path {path[:100]!r} is not one below the address of the copy")
    variant = row.get("variant") or "base"
    if variant not in VARIANTS:
        raise ValueError(f"the variant is {', '.join(VARIANTS)} or not there, not {variant!r}"[:300])
    tags = row.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError("tags is not a list of words")
    description, password = _text(row, "description"), _text(row, "password")
    if password in description:
        raise ValueError("the description holds the password")
    return Game(
        name=name,
        path=path.removesuffix("*"),
        title=_text(row, "title"),
        description=description,
        password=password,
        variant=variant,
        difficulty=_text(row, "difficulty") if row.get("difficulty") else "",
        tags=tuple(_clean(tag, "a tag") for tag in tags),
    )


def _text(row: dict[str, Any], field: str) -> str:
    if field not in row:
        raise ValueError(f"no field {field!r}")
    value = row[field]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{field} is not a text, or an empty one")
    return _clean(value, field)


def _clean(value: str, what: str) -> str:
    if len(value) > LONGEST:
        raise ValueError(f"{what} has more than {LONGEST} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") and not character.isspace() for character in value):
        raise ValueError(f"{what} has characters that are no text")
    return value.strip()
