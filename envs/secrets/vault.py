"""`Vault`: the secrets of a run. It says what may be typed where, what may not be said, and takes values out of whatever is told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from handeye.envs.actions import Action, PressKeys, TypeText, read_action
from handeye.envs.secrets.redaction import Redactor
from handeye.envs.secrets.secret import Secret
from handeye.envs.secrets.where import Where, refusal
from handeye.tools.errors import NotPermitted, SetupError
from handeye.tools.private import FieldKind, PrivateText
from handeye.tools.target import Target

_PLACEHOLDER = re.compile(r"\[\[\s*secret\s*:([^\[\]]*)\]\]", re.IGNORECASE)
_ALONE = re.compile(r"\[\[secret:([^\[\]\s]+)\]\](\r?\n)?")
_LIKE_ONE = re.compile(r"\[\[\s*secret\b|<\s*/?\s*secrets?\s*>|\{\{\s*secret\b", re.IGNORECASE)
"""What is meant for a placeholder and is none. Typed as it is, it would end up in a field as words."""
_KINDS: dict[FieldKind, str] = {"password": "the password field", "otp": "the field for the one-time code", "any": "a text field"}
NO_SECRETS = "This run has no secrets: what stands in double brackets would be typed as it is. Say that you need one."
_KEPT = 4_096
"""Characters of what was typed lately that are kept, to notice a value that is typed piece by piece."""


class Vault:
    """The secrets of one run. Not thread safe; no copy, no pickle, and its `repr` tells names only."""

    def __init__(self, secrets: Sequence[Secret]) -> None:
        """Raises `SetupError` for no secrets at all, or two of one name."""
        if not secrets:
            raise SetupError("There are no secrets to keep.", fix="give --secret NAME=SOURCE@WHERE, or leave it out")
        self._secrets = {secret.name: secret for secret in secrets}
        if len(self._secrets) != len(secrets):
            raise SetupError("There are two secrets of one name.", fix="give each a name of its own")
        self._uses: dict[str, int] = {}
        self._shown: list[str] = []
        self._typed = ""
        self.redact = Redactor()
        self._taint = Redactor()
        for secret in secrets:
            for text in _texts(secret):
                self.redact.add(text, secret.placeholder)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the secrets, in the order in which they were declared."""
        return tuple(self._secrets)

    @property
    def places(self) -> dict[str, Where]:
        """The place that each secret is bound to, by its name."""
        return {name: secret.where for name, secret in self._secrets.items()}

    @property
    def in_use(self) -> bool:
        """Whether a secret was typed: from then on its value may be on any screen, that of a later episode too."""
        return bool(self._shown)

    def shown(self) -> tuple[str, ...]:
        """The values that were typed: those that may be on the screen."""
        return tuple(self._shown)

    def hint(self) -> str:
        """What the model is told, by names only."""
        rows = [f"{secret.placeholder} into {_KINDS[secret.fields]} of {secret.where}" for secret in self._secrets.values()]
        return (
            f"Secrets that you may type: type {'; '.join(rows)}. Click the field first, then type exactly the placeholder and nothing "
            "else; the value takes its place. You cannot see it, and need not: fields that hold it are dark."
        )

    def asked_for(self, action: Action) -> Secret | None:
        """The secret that `action` asks to have typed; None when it names none.

        Raises `NotPermitted`, with the reason for the model, for a placeholder anywhere but alone in typed text (one newline may follow,
        for Enter), for a name that there is not, and for an action that carries a value which was typed before.
        """
        self.check_said(action)
        alone = _ALONE.fullmatch(action.text) if isinstance(action, TypeText) else None
        return self._named(alone.group(1)) if alone else None

    def check_said(self, action: Action) -> None:
        """Raise `NotPermitted` when `action`, which may be one that no environment sees, holds a value that was typed, or a placeholder
        other than alone in typed text. The loop asks for every action, before anything of it is written down or shown.
        """
        texts = tuple(_strings(action.model_dump(mode="json", exclude={"type"})))
        for text in texts:
            if isinstance(action, TypeText) and _ALONE.fullmatch(text):
                continue
            self._check_text(text, action.type)
        if self._taint.finds(self._typed + self._pressed(action)) or any(self._taint.finds(text) for text in texts):
            raise NotPermitted(
                "This holds the value of a secret, which may be typed by its placeholder only, into the field that it is for. "
                f"There are: {self._listed()}."
            )

    def why_unsaid(self, action: Action) -> str:
        """Why `action` may not be carried out, by `check_said`; empty: it may."""
        try:
            self.check_said(action)
        except NotPermitted as error:
            return str(error)
        return ""

    def check_field(self, secret: Secret, targets: Sequence[Target]) -> Target:
        """The field that `secret` would be typed into, of what the device says has the focus. Raises `NotPermitted` when it may not."""
        left = None if secret.uses is None else secret.uses - self._uses.get(secret.name, 0)
        if left is not None and left < 1:
            raise NotPermitted(f"The secret {secret.name} was typed as often as it may be ({secret.uses}).")
        # The button that Enter presses follows the field.
        focused = [target for target in targets if target.place == "focus"]
        if not focused:
            raise NotPermitted(f"The secret {secret.name} was not typed: nothing has the focus. Click the field first.")
        if reason := refusal(secret.where, secret.fields, focused[0]):
            raise NotPermitted(f"The secret {secret.name} was not typed: {reason}.")
        return focused[0]

    def take(self, secret: Secret, enter: bool) -> PrivateText:
        """The value to type at this moment, for the device alone; one use less. From here on its value is looked for on every screen."""
        value = secret.value.reveal()
        if secret.one_time:
            from handeye.envs.secrets.codes import code_of

            value = code_of(secret.name, value)
            self.redact.add(value, secret.placeholder)
        self._uses[secret.name] = self._uses.get(secret.name, 0) + 1
        self._typed = ""
        if value not in self._shown:
            self._shown.append(value)
        for text in {value, *_texts(secret)}:
            self._taint.add(text, secret.placeholder)
        return PrivateText(value + ("\n" if enter else ""), secret.where.origin, secret.fields)

    def give_back(self, secret: Secret) -> None:
        """It was not typed after all: the use is there again."""
        self._uses[secret.name] -= 1

    def typed(self, action: Action) -> None:
        """`action` was carried out: what it typed counts towards a value that is typed piece by piece."""
        self._typed = (self._typed + self._pressed(action))[-_KEPT:]

    def redacted(self, action: Action) -> Action:
        """`action` as it may be written down and shown."""
        data = action.model_dump(mode="json")
        clean = self.redact.value(data)
        return action if clean == data else read_action(clean)

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._secrets)})"

    def __reduce_ex__(self, protocol: Any) -> str:
        raise TypeError("a secret is not pickled")

    def _named(self, name: str) -> Secret:
        if name not in self._secrets:
            raise NotPermitted(f"There is no secret of the name {name[:60]!r}. There are: {self._listed()}.")
        return self._secrets[name]

    def _listed(self) -> str:
        return ", ".join(secret.placeholder for secret in self._secrets.values())

    def _check_text(self, text: str, verb: str) -> None:
        text = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
        if found := _PLACEHOLDER.search(text):
            self._named(found.group(1).strip())
            if verb == "type_text":
                raise NotPermitted(
                    "The placeholder of a secret must be all that is typed: type it alone, exactly as it is written, and other text apart."
                )
            raise NotPermitted(f"The placeholder of a secret may stand in typed text only, not in {verb}.")
        if _LIKE_ONE.search(text):
            raise NotPermitted(f"Secrets are written otherwise. There are: {self._listed()}.")

    @staticmethod
    def _pressed(action: Action) -> str:
        if isinstance(action, TypeText):
            return action.text
        if isinstance(action, PressKeys):
            keys = ["" if key == "shift" else " " if key == "space" else key for key in action.keys]
            return "".join(keys) if all(len(key) <= 1 for key in keys) else ""
        return ""


def asks_for_secret(action: Action) -> bool:
    """Whether `action` would type what is a placeholder in runs that have secrets."""
    return isinstance(action, TypeText) and _PLACEHOLDER.search(action.text) is not None


def _texts(secret: Secret) -> tuple[str, ...]:
    if not secret.one_time:
        return (secret.value.reveal(),)
    from handeye.envs.secrets.codes import texts_of_seed

    return texts_of_seed(secret.value.reveal())


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for item in data.values():
            yield from _strings(item)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _strings(item)
