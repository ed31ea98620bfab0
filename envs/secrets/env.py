"""`SecretEnv`: an environment in which secrets are typed by name, and from which no value comes out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from handeye.envs.actions import Action, TypeText
from handeye.envs.env import Permit, SightedEnv, TimeStep
from handeye.envs.observation import Observation
from handeye.envs.secrets.copying import pastes, takes_along
from handeye.envs.secrets.masking import ReadText, dark, holds, painted, told, told_step
from handeye.envs.secrets.matching import places
from handeye.envs.secrets.secret import Secret
from handeye.envs.secrets.vault import Vault
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction, NotPermitted, SetupError
from handeye.tools.geometry import Box
from handeye.tools.target import Target


class SecretEnv:
    """`inner` with secrets. A `SightedEnv`; closing it closes `inner`.

    `TypeText` with nothing but a placeholder (and a newline for Enter) types the value, into the right field at the right place or not at
    all. Every observation leaves masked: what it shows of values is dark, what it says of them is the placeholder. Reading the picture
    begins with the first use of a secret, so that nothing is slowed before. What cannot be looked at is dark as a whole.
    """

    def __init__(self, inner: SightedEnv, vault: Vault, read_text: ReadText) -> None:
        """Where `inner` cannot say where values are shown, the picture and the field typed into tell.

        Raises `SetupError` for an environment that cannot say what has the focus.
        """
        if not isinstance(inner, SightedEnv):
            raise SetupError("This environment cannot say what has the focus, so no secret can be typed in it.", fix="leave --secret out")
        self.inner = inner
        self.vault = vault
        self._read_text = read_text
        self._field: tuple[Box, str] | None = None
        """Where the last secret was typed and what was in front then: for devices that cannot say where values are."""
        self._raw: Pixels | None = None
        self._clean: Pixels | None = None
        self._dark: tuple[Box, ...] = ()
        """What is hidden on the last picture."""
        self._read: tuple[tuple[str, ...], Pixels, tuple[Box, ...]] | None = None
        """The picture that was read last, for which values, and where they were."""
        self._judged: dict[str, bool] = {}
        self._others: tuple[str, ...] = ()
        """What is kept out beside secrets."""

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs of `inner`."""
        return self.inner.action_types

    def reset(self, seed: int | None = None) -> Observation:
        """`inner`'s reset. Uses count on, and values that were typed are looked for on: a device may show them still."""
        self._field = self._raw = self._clean = self._read = None
        self._judged.clear()
        with self.vault.redact.scrubbing():
            return self._masked(self.inner.reset(seed))

    def targets(self, action: Action) -> tuple[Target, ...]:
        """What `inner` says that `action` would touch, without values in its words."""
        with self.vault.redact.scrubbing():
            return tuple(self._told(target) for target in self.inner.targets(action))

    def step(self, action: Action) -> TimeStep:
        """`inner`'s step; a placeholder alone is typed as its value. Raises `NotPermitted`, with the reason, where it may not be."""
        with self.vault.redact.scrubbing():
            secret = self._asked_for(action)
            if secret is not None:
                return self._type(action, secret, Permit(self.inner.targets(action), effects=True, anywhere=True))
            if self.vault.in_use and pastes(action):  # what is put in is looked at on the way
                permit = Permit(self.inner.targets(action), effects=True, anywhere=True)
                return self._done(action, self.inner.step_permitted(action, permit))
            return self._done(action, self.inner.step(action))

    def step_permitted(self, action: Action, permit: Permit) -> TimeStep:
        """As `step`, while what `permit` names is still there."""
        with self.vault.redact.scrubbing():
            secret = self._asked_for(action)
            # What was approved may have been told with placeholders for values: the device compares with what it says itself.
            permit = self._own(action, permit)
            if secret is not None:
                return self._type(action, secret, permit)
            return self._done(action, self.inner.step_permitted(action, permit))

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...] | None:
        """What `inner` says."""
        with self.vault.redact.scrubbing():
            return self.inner.shown_at(values)

    def keep_out(self, values: Sequence[str]) -> None:
        """Have `inner` keep `values` out, beside the secrets that were typed."""
        self._others = tuple(values)
        self._keep_out()

    def close(self) -> None:
        """Close `inner`. A second call does nothing."""
        with self.vault.redact.scrubbing():
            self.inner.close()

    def _asked_for(self, action: Action) -> Secret | None:
        if self._dark and takes_along(action, self._dark):
            raise NotPermitted("A secret is on the screen, where it is dark: nothing is copied or carried from there. Use its placeholder.")
        return self.vault.asked_for(action)

    def _type(self, action: Action, secret: Secret, permit: Permit) -> TimeStep:
        assert isinstance(action, TypeText)
        field = self.vault.check_field(secret, permit.targets)
        value = self.vault.take(secret, action.text.endswith("\n"))
        self._keep_out()
        try:
            # Not validated: that would make a plain text of it.
            step = self.inner.step_permitted(TypeText.model_construct(type="type_text", text=value), permit)
        except InvalidAction:
            self.vault.give_back(secret)
            raise
        if field.box is not None:
            self._field = (field.box, _front(step.observation))
        return told_step(step, self._masked(step.observation), self.vault.redact)

    def _keep_out(self) -> None:
        self.inner.keep_out((*self.vault.shown(), *self._others))

    def _done(self, action: Action, step: TimeStep) -> TimeStep:
        self.vault.typed(action)
        return told_step(step, self._masked(step.observation), self.vault.redact)

    # Out of sight

    def _masked(self, seen: Observation) -> Observation:
        notes = self._removed_downloads(seen)
        pixels, note = self._hidden(seen)
        kept = tuple(path for path in seen.downloads if not self._judged.get(path))
        return told(replace(seen, downloads=kept), pixels, self.vault.redact, (*notes, note) if note else notes)

    def _hidden(self, seen: Observation) -> tuple[Pixels, str]:
        """The picture without values, and a note when it could not be told where they are."""
        raw, note = seen.screenshot, ""
        if seen.dialog is not None and self._raw is not None and self._clean is not None and _same(raw, self._raw):
            # A page that shows a dialog answers nothing, and its picture is the one from before.
            return self._clean, note
        clean, self._dark = raw, ()
        if self.vault.in_use:
            try:
                self._dark = tuple(self._boxes(seen))
                clean = painted(raw, self._dark)
            except DeviceLost:
                raise
            except DeviceError as error:
                self._dark = (Box(0, 0, *seen.size),)
                clean, note = dark(raw), f"The picture is left dark: it cannot be told where a secret is shown. {error}"
        self._raw, self._clean = raw, clean
        return clean, note

    def _boxes(self, seen: Observation) -> list[Box]:
        values = self.vault.shown()
        # Only what changed is read: the same picture says the same.
        if self._read is None or self._read[0] != values or not _same(self._read[1], seen.screenshot):
            self._read = (values, seen.screenshot, places(values, self._read_text(seen.screenshot)))
        boxes = list(self._read[2])
        shown = self.inner.shown_at(values)
        if shown is not None:
            boxes += shown
        elif self._field is not None and self._field[1] == _front(seen):
            boxes.append(self._field[0])
        return boxes

    def _removed_downloads(self, seen: Observation) -> tuple[str, ...]:
        """Take away downloads that hold a value: a page may have made them of what was typed."""
        if not self.vault.in_use:
            return ()
        notes = []
        for path in (path for path in seen.downloads if path not in self._judged):
            self._judged[path] = held = holds(Path(path), self.vault.redact)
            if held:
                with contextlib.suppress(OSError):
                    Path(path).unlink()
                notes.append("A download was removed: it held the value of a secret.")
        return tuple(notes)

    def _told(self, target: Target) -> Target:
        words = {field.name: self.vault.redact.value(getattr(target, field.name)) for field in fields(target) if field.name != "box"}
        return replace(target, **words)

    def _own(self, action: Action, permit: Permit) -> Permit:
        """`permit` in the device's own words, where `targets` told it placeholders in place of values."""
        if not any("[[secret:" in repr(target) for target in permit.targets):
            return permit
        now = self.inner.targets(action)
        return replace(permit, targets=now) if tuple(self._told(target) for target in now) == permit.targets else permit


def _front(seen: Observation) -> str:
    return f"{seen.app}\n{seen.extra.get('window', '') if seen.app else seen.url}"


def _same(one: Pixels, other: Pixels) -> bool:
    return one.shape == other.shape and bool(np.array_equal(one, other))
