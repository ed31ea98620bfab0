"""What went wrong, in words, with the step that mends it, and whether trying again is worth it. Foreign errors are read here only."""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from handeye.agent.models.openai.address import Address, Key

QUOTED = 500
"""Characters of a server's words that are shown."""
LONGEST_WAIT_S = 120.0
"""A server that asks us to come back later than this is given up; the `openai` package draws the same line."""
SECRET_LENGTH = 8
"""A shorter key is a word ("none", "EMPTY") that would tear holes into ordinary text."""


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I | re.S)


_CONTEXT = _words(
    r"context[ _](?:length|size|window)",  # OpenAI, vLLM, SGLang, llama.cpp, OpenRouter
    r"context_length_exceeded|exceed_context_size|maximum model length|max_model_len",
    r"range of input length",  # DashScope
    r"prompt is too long|too many (?:input )?tokens|input (?:is )?too long",
)
_TOO_MANY = _words(
    r"at most \d+ (?:image|video)",  # vLLM: --limit-mm-per-prompt
    r"too many (?:image|video|picture)s?|limit-mm-per-prompt|number of images.{0,40}exceed|exceeds?.{0,40}number of images",
)
_TOO_LARGE = _words(r"(?:image|picture|payload|body).{0,60}(?:too (?:large|big)|exceeds?|over the limit|maximum.{0,20}size)")
_NO_PICTURES = _words(
    r"not a multimodal model|image input is not supported|mmproj",  # vLLM, llama.cpp
    r"(?:does not|doesn't|not) support (?:image|vision|multimodal)|no endpoints found that support image",  # others, OpenRouter
)
_QUOTA = _words(
    r"insufficient[ _](?:quota|credit|balance|funds)|exceeded your current quota|billing_(?:hard_limit|not_active)",  # OpenAI
    r"requires more credits|arrearage|overdue|free ?tier ?only",  # OpenRouter, DashScope
)
_NO_MODEL = _words(
    r"model.{0,200}(?:not (?:found|exist)|does ?n[o']t exist)", r"not a valid model|model_not_found|no such model|server is pinned to"
)
_REFUSED = _words(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|extra (?:inputs|fields)",
    r"invalid|must contain|disabled|no endpoints found",
)
_PAGE = re.compile(r"\s*(?:<!doctype|<html|<\?xml|<head|<body)", re.I)

Retry = Literal["never", "later", "once"]


@dataclass(frozen=True)
class Fault:
    """Why there is no reply."""

    message: str
    fix: str | None = None
    retry: Retry = "never"
    """`once`: for what a second attempt mends or nothing does, as a stream that was cut."""
    wait_s: float | None = None
    """What the server asked for."""
    parameter: str = ""
    """The parameter that the server refuses, if that is what is wrong."""
    said: str = ""
    """The server's own words."""
    unknown_model: bool = False


def redacted(text: str, key: Key) -> str:
    """`text` without the key."""
    return text.replace(key.value, "***") if len(key.value) >= SECRET_LENGTH else text


def read_fault(error: Exception, address: Address, key: Key, parameters: tuple[str, ...], heard: bool, package: Any = None) -> Fault:
    """The fault that an error of the `openai` package means, or of another `package` that names its errors alike.

    `parameters`: what was sent, `heard`: a part of a reply had come.
    """
    if package is None:
        import openai as package

    if isinstance(error, package.APITimeoutError):
        fault = _timeout(error, address, heard)
    elif isinstance(error, package.APIConnectionError):
        fault = _connection(error, address, heard)
    elif isinstance(error, package.APIStatusError):
        fault = _status(error, address, key, parameters)
    else:
        return error_in_reply(address, getattr(error, "body", None) or str(error), key)
    return replace(fault, message=redacted(fault.message, key), said=redacted(fault.said, key))


def error_in_reply(address: Address, body: object, key: Key) -> Fault:
    """The server began to reply, and what came was an error."""
    said = redacted(_said(body), key)
    other = Fault(f"{address.url} broke off with an error: {said}", fix="see the server's log", retry="once", said=said)
    return _in_words(said, address) or other


def cut_off(address: Address) -> Fault:
    """The stream ended before the reply did."""
    return Fault(
        f"{address.url} broke the reply off in the middle.",
        fix="see the server's log: it, or a proxy before it, closed the connection",
        retry="once",
    )


def not_the_protocol(address: Address, body: str, key: Key) -> Fault:
    """What came is no reply of the chat protocol."""
    body = redacted(body, key)
    if _PAGE.match(body):
        return Fault(f"{address.url} answered with a web page instead of a reply.", fix=_path_advice(address))
    said = f": {body.strip()[:200]!r}" if body.strip() else ""
    return Fault(f"{address.url} does not speak the chat protocol{said}.", fix=_path_advice(address))


def _timeout(error: Exception, address: Address, heard: bool) -> Fault:
    options = address.options
    if "Connect" in type(error.__cause__).__name__:
        return Fault(
            f"{address.url} cannot be reached within {options.connect:g} s.",
            fix="start the server, or mend the address after @",
            retry="later",
        )
    what = "fell silent in the middle of the reply" if heard else "sent no first token"
    return Fault(
        f"{address.url} {what} for {min(options.silence, options.timeout):g} s.",
        fix="see whether the server is overloaded, or give it longer: ?silence=SECONDS",
    )


def _connection(error: Exception, address: Address, heard: bool) -> Fault:
    if heard:
        return cut_off(address)
    cause = error.__cause__
    name = type(cause).__name__ if cause else "unknown"
    if name in ("UnsupportedProtocol", "InvalidURL", "LocalProtocolError"):
        return Fault(f"{address.url} cannot be called ({name}).", fix="mend the address after @")
    reached = name in ("ReadError", "RemoteProtocolError", "WriteError")
    message = "closed the connection without an answer" if reached else f"cannot be reached ({cause})"
    return Fault(f"{address.url} {message}.", fix="start the server, or mend the address after @", retry="later")


def _status(error: Any, address: Address, key: Key, parameters: tuple[str, ...]) -> Fault:
    status, said = error.status_code, _said(error.body if error.body is not None else error.response.text)
    at = f"{address.url} (HTTP {status})"
    if 300 <= status < 400:
        where = redacted(error.response.headers.get("location", "elsewhere"), key)
        return Fault(f"{at} points to {where}, and neither screenshots nor a key are sent on.", fix="name that address after @")
    page = _PAGE.match(said) is not None
    if page:
        said = "a web page"
    if status in (401, 403) and not _QUOTA.search(said):
        return _unauthorised(status, at, said, address, key)
    code = f"{_word(error, 'code')} {_word(error, 'type')} {said}"
    if status == 402 or _QUOTA.search(code):
        return Fault(f"{at}: the account has no credit or quota left: {said}", fix="add credit, or use another server", said=said)
    if not page and status != 429 and (fault := _in_words(code, address, said)):
        return fault
    if status in (400, 404, 422) and (parameter := _refused_parameter(error, said, parameters)):
        return Fault(f"{at} refuses {parameter}: {said}", parameter=parameter, said=said)
    if status == 404:
        unknown = bool(_NO_MODEL.search(code)) and not page
        if unknown:
            return Fault(f"{at} has no model {address.model!r}: {said}", fix="name one that it serves", unknown_model=True, said=said)
        return Fault(f"{at} has no {address.speaks} there: {said}", fix=_path_advice(address), said=said)
    if status == 413:
        return Fault(
            f"{at}: the request is too large: {said}", fix="show smaller pictures, --max-pixels, or fewer earlier screens", said=said
        )
    if status in (408, 409, 429) or status >= 500:
        return _passing(error, at, said)
    return Fault(f"{at} refused the request: {said}", fix=_path_advice(address) if page else None, said=said)


def _unauthorised(status: int, at: str, said: str, address: Address, key: Key) -> Fault:
    variable = key.variable or "key_env=NAME"
    if key.withheld:
        return Fault(
            f"{at} wants a key. {variable} holds one of OpenAI's platform, which is not sent to other hosts.",
            fix="name the variable that holds this server's key: ?key_env=NAME",
            said=said,
        )
    if not key.value:
        return Fault(f"{at} wants a key: {said}", fix=f"set the environment variable {variable}", said=said)
    what = "refuses the key" if status == 401 else "forbids it"
    return Fault(f"{at} {what} in {variable}: {said}", fix=f"set {variable} to a key that is valid there", said=said)


def _in_words(text: str, address: Address, said: str = "") -> Fault | None:
    """What the words of the server say, whatever the status: servers disagree about that."""
    said = said or text
    if _TOO_MANY.search(text):
        return Fault(
            f"{address.url} takes fewer pictures in one request: {said}",
            fix="start vLLM with a larger --limit-mm-per-prompt, or show fewer earlier screens",
            said=said,
        )
    if _NO_PICTURES.search(text):
        return Fault(
            f"{address.url}: the model {address.model!r} takes no pictures: {said}", fix="serve a vision-language model", said=said
        )
    if _CONTEXT.search(text):
        return Fault(
            f"{address.url}: the prompt is longer than the model's context: {said}",
            fix="smaller pictures (--max-pixels), fewer earlier screens, or a server with a longer context (vLLM: --max-model-len)",
            said=said,
        )
    if _TOO_LARGE.search(text):
        return Fault(f"{address.url}: a picture is too large: {said}", fix="show smaller pictures: --max-pixels", said=said)
    if _NO_MODEL.search(text) and "endpoint" not in text:
        return Fault(f"{address.url} has no model {address.model!r}: {said}", fix="name one that it serves", unknown_model=True, said=said)
    return None


def _passing(error: Any, at: str, said: str) -> Fault:
    wait_s = retry_after(error.response.headers)
    if wait_s is not None and wait_s > LONGEST_WAIT_S:
        return Fault(f"{at} is to be asked again in {wait_s:.0f} s only: {said}", fix="wait, or use another server", said=said)
    if error.status_code == 429:
        message, fix = f"{at} is asked too often: {said}", "ask for less at a time (?concurrency=N), or more slowly"
    else:
        message, fix = f"{at} failed: {said}", "see the server's log"
    return Fault(message, fix=fix, retry="later", wait_s=wait_s, said=said)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds to wait that a server asks for (RFC 9110, 10.2.3, and OpenAI's header in milliseconds); None where it does not."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            wait_s = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        return wait_s if wait_s >= 0 else None
    parsed = email.utils.parsedate_tz(headers.get("retry-after", ""))
    try:
        return None if parsed is None else max(0.0, email.utils.mktime_tz(parsed) - time.time())
    except (OverflowError, ValueError):
        return None


def _refused_parameter(error: Any, said: str, parameters: tuple[str, ...]) -> str:
    """The parameter that the server does not take, if that is its complaint."""
    if not _REFUSED.search(f"{_word(error, 'code')} {_word(error, 'type')} {said}"):
        return ""
    named = _word(error, "param").partition(".")[0]
    if named in parameters:
        return named
    if re.search(r"no endpoints found", said, re.I) and "provider" in parameters:
        return "provider"
    found = [name for name in parameters if re.search(rf"(?<![a-z_]){re.escape(name)}(?![a-z_])", said, re.I)]
    return max(found, key=len, default="")


def _word(error: Any, name: str) -> str:
    """What an error says beside its message; not every package has every such field."""
    return str(getattr(error, name, None) or "")


def _said(body: object) -> str:
    """The words of an error's body, in one line and not too many."""
    while isinstance(body, Mapping):
        inner = body.get("message") or body.get("detail") or body.get("error")
        body = inner if inner else json.dumps(dict(body), default=str)
    text = " ".join(str(body).split())
    return text if len(text) <= QUOTED else text[:QUOTED] + " ..."


def _path_advice(address: Address) -> str:
    if address.url.endswith("/v1") or address.speaks == "messages":
        return "see that this is the address of the server's API"
    return f"give the address up to and with /v1, as {address.url}/v1"
