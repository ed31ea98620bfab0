"""Where a task's files come from: the network, this machine, or the folder of assets that ships with the task."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from handeye.tools.errors import DeviceError, InvalidAction

MAX_BYTES = 300_000_000
"""OSWorld's largest file is below 100 MB."""
TIMEOUT_S = 60.0


def cache_folder() -> Path:
    """Where downloads are kept between runs: `$XDG_CACHE_HOME/handeye/osworld`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "handeye" / "osworld"


def bring(source: str, target: Path, assets: Path | None) -> None:
    """Put the file that `source` names (`https:`, `file:`, `asset:NAME`) at `target`, whose folders are made.

    Raises `InvalidAction` for what is no such name, `DeviceError` when the file cannot be had.
    """
    if not isinstance(source, str) or not source:
        raise InvalidAction(f"{source!r} names no file")
    try:
        found = _found(source, assets)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, target)
    except OSError as error:
        raise DeviceError(f"{source} cannot be put at {target}: {error}") from error


def _found(source: str, assets: Path | None) -> Path:
    scheme = urlsplit(source).scheme
    if scheme in ("http", "https"):
        return _downloaded(source)
    if scheme == "file":
        return Path(unquote(urlsplit(source).path))
    if scheme == "asset":
        if assets is None:
            raise InvalidAction(f"{source}: this task was given no folder of assets")
        path = (assets / source.removeprefix("asset:")).resolve()
        if not path.is_relative_to(assets.resolve()):
            raise InvalidAction(f"{source} is outside of the folder of assets")
        return path
    raise InvalidAction(f"{source} is neither https:, file: nor asset:")


def _downloaded(url: str) -> Path:
    """The file of `url` in the cache, downloaded if it is not there yet."""
    import httpx

    folder = cache_folder()
    kept = folder / hashlib.sha256(url.encode()).hexdigest()[:32]
    if kept.is_file():
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with (
            httpx.stream("GET", url, follow_redirects=True, timeout=TIMEOUT_S) as response,
            tempfile.NamedTemporaryFile(dir=folder, delete=False) as part,
        ):
            try:
                response.raise_for_status()
                size = 0
                for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > MAX_BYTES:
                        raise DeviceError(f"{url} is larger than {MAX_BYTES // 1_000_000} MB")
                    part.write(chunk)
            except BaseException:
                Path(part.name).unlink()
                raise
        os.replace(part.name, kept)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeviceError(f"{url} cannot be downloaded ({error or type(error).__name__}); put the file at {kept} to go without") from error
    return kept
