"""The words by which a risk is known: read from `lexicon.toml` when first needed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from handeye.agent.safety.words import Phrases, readings

RISKS = ("pay", "send", "delete", "grant", "credentials", "install", "settings", "terms")
"""The classes that a word can tell, in the order in which they are told."""


@dataclass(frozen=True)
class Lexicon:
    """Phrases by what they tell, in all languages together: pages mix them."""

    risks: dict[str, Phrases]
    other: dict[str, Phrases]
    """`affirm`, `negative`, `search`, `message`, `neutral`, `opens`, `terms_nouns` and the keys that a user may order."""

    def phrases(self) -> frozenset[str]:
        """Every phrase, folded."""
        return frozenset(phrase for kinds in (self.risks, self.other) for phrases in kinds.values() for phrase in phrases)

    def found(self, text: str, *, at_start: bool = False, leave_out: frozenset[str] = frozenset()) -> frozenset[str]:
        """The risks that the words of `text` tell, as written or as they look; `at_start`: only where it begins with them."""
        risks: set[str] = set()
        for spoken in readings(text):
            left = self.other["neutral"].without(spoken)
            for risk, phrases in self.risks.items():
                if risk not in leave_out and (phrases.begins(left) if at_start else phrases.first(left)):
                    risks.add(risk)
        return frozenset(risks)

    def is_risk(self, risk: str, text: str) -> bool:
        """Whether the whole of `text` is a phrase that tells `risk`."""
        return any(self.risks[risk].whole(spoken) for spoken in readings(text))

    def is_one(self, kind: str, text: str) -> bool:
        """Whether the whole of `text` is a phrase of `kind`."""
        return any(self.other[kind].whole(spoken) for spoken in readings(text))

    def begins(self, kind: str, text: str) -> bool:
        """Whether `text` begins with a phrase of `kind`."""
        return any(self.other[kind].begins(spoken) for spoken in readings(text))

    def has(self, kind: str, text: str) -> bool:
        """Whether a phrase of `kind` occurs in `text`."""
        return any(self.other[kind].first(spoken) for spoken in readings(text))


@cache
def lexicon() -> Lexicon:
    """The lexicon that ships with handeye."""
    table = tomllib.loads(resources.files(__package__).joinpath("lexicon.toml").read_text(encoding="utf-8"))
    phrases = {kind: Phrases("|".join(languages.values()).split("|")) for kind, languages in table.items()}
    return Lexicon({risk: phrases[risk] for risk in RISKS}, {kind: phrases[kind] for kind in phrases if kind not in RISKS})
