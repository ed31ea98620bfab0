"""People that a phone knows, and what they wrote: drawn from a seed."""

from __future__ import annotations

import random
from typing import Any, Final

FIRST: Final = (
    "Amara Anders Beatriz Camille Chen Dalia Dmitri Elena Emeka Farah Felix Freya Gabriel Hana Hugo Ines Ivan Jasper "
    "Jonas Kaito Karima Lars Leila Lena Luca Maja Marco Mei Mila Nadia Noah Nora Olga Omar Petra Priya Rafael Ravi Rosa Samir "
    "Sofia Tariq Theo Uma Victor Wanda Yara Zoe"
).split()
LAST: Final = (
    "Abbott Almeida Bakker Becker Chowdhury Costa Dubois Eriksen Fischer Fontaine Garcia Haddad Hansen Ibrahim Ivanova Jensen Kaplan Kim "
    "Kowalski Larsen Lindqvist Lopez Maier Mbeki Moreau Nakamura Novak Okafor Olsen Park Patel Petrov Quinn Rahman Rossi Santos Schmidt "
    "Silva Sorensen Tanaka Torres Usman Vogel Walker Weber Yilmaz Zhang Zimmer"
).split()
COMPANIES: Final = ("", "", "Blue Harbor", "Cedar & Co", "Northwind Labs", "Orchard Books", "Quarry Design", "Riverside Clinic")
COUNT: Final = 14
"""People on a new phone."""
THREADS: Final = (
    ("Are we still on for dinner on Friday?", "Yes! 7 pm at the usual place.", "Perfect, see you there."),
    ("Did the parcel arrive?", "Not yet. The tracking says tomorrow."),
    ("Happy birthday! Have a wonderful day.", "Thank you so much!"),
    ("The meeting moved to 3 pm.", "Noted, thanks."),
    ("Could you send me the address of the dentist?", "Sure: 48 Linden Street, second floor."),
    ("I left the keys with the neighbour.",),
    ("Running ten minutes late, sorry!", "No worries."),
    ("What was the name of that book?", "The Lighthouse Keeper. You can borrow mine.", "I would love that."),
)


def people(seed: int) -> list[dict[str, Any]]:
    """Those whom the phone of that seed knows, by first name: `first`, `last`, `name`, `number`, `email`, `company`; all differ in name
    and number."""
    chance = random.Random(f"people {seed}")
    firsts, lasts = chance.sample(FIRST, COUNT), chance.sample(LAST, COUNT)
    numbers = chance.sample(range(100, 1000), COUNT)
    found = [
        {
            "first": first, "last": last, "name": f"{first} {last}", "number": f"+1555{number:03d}{chance.randrange(10000):04d}",
            "email": f"{first}.{last}@example.com".lower(), "company": chance.choice(COMPANIES),
        }
        for first, last, number in zip(firsts, lasts, numbers, strict=True)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one["first"], one["last"]))


def messages_between(known: list[dict[str, Any]], seed: int, now_ms: int) -> list[dict[str, Any]]:
    """Messages with some of them, oldest first: `thread` (from 1), `number`, `name`, `body`, `date_ms`, `sent` (by the phone's owner)."""
    chance = random.Random(f"messages {seed}")
    found = []
    for thread, (person, talk) in enumerate(zip(chance.sample(known, min(5, len(known))), chance.sample(THREADS, 5), strict=False), 1):
        when = now_ms - chance.randrange(2, 96) * 3_600_000 - chance.randrange(3_600_000)
        for index, body in enumerate(talk):
            line = {
                "thread": thread,
                "number": person["number"],
                "name": person["name"],
                "body": body,
                "date_ms": when,
                "sent": index % 2 == 1,
            }
            found.append(line)
            when += chance.randrange(60, 1500) * 1000
    return sorted(found, key=lambda one: (one["date_ms"], one["thread"]))
