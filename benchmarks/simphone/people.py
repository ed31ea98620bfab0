"""People, numbers, words and days for the tasks' worlds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOW = datetime(2023, 10, 15, 15, 34, tzinfo=UTC)
"""When every episode begins, a Sunday (google-research/android_world: env/device_constants.py)."""

FIRST = """Amara Bruno Chiara Daniel Elif Farid Greta Hanna Ivan Joana Karim Lena Mateo Nadia Oskar Paula Quinn Rosa Samir Tilda Ugo Vera
    Wanda Yusuf Zoe""".split()
LAST = """Adler Bianchi Castro Dubois Eriksen Fischer Garcia Haddad Ito Jansen Keller Lindqvist Moreau Novak Okafor Petrov Quist Rossi
    Santos Tanaka Urban Vogel Weber Yilmaz Zeman""".split()
COMPANIES = "Northwind Larkfield Brightwater Ashgrove Stonebridge Fairholm Redwood Silverlake Meadowbank Kingsley".split()
STREETS = "Elm Street,Harbour Road,Mill Lane,Station Square,Garden Way,Chapel Hill".split(",")
SMALL_TALK = (
    "Did you see the match yesterday?",
    "Thanks again for the cake!",
    "I am on the train, talk later.",
    "Happy birthday to your sister!",
    "The photos are great.",
    "Can you feed the cat on Friday?",
    "I forgot my umbrella at your place.",
    "All good here, see you soon.",
)
ERRANDS = (
    "Dentist",
    "Haircut",
    "Choir practice",
    "Parents evening",
    "Car wash",
    "Book club",
    "Yoga class",
    "Budget review",
    "Piano lesson",
)
PLACES = ("Town Hall", "Room 12", "Central Park", "Blue Café", "City Library", "Pier 4")
GROCERIES = """apples bread butter carrots cheese coffee eggs flour honey lemons milk
    mushrooms noodles onions pepper rice salt tea tomatoes""".split()
NOTE_NAMES = "ideas packing garden travel recipes gifts repairs reading chores budget wishlist workout".split()
SENTENCES = (
    "Ask the landlord about the heating.",
    "The spare key hangs behind the door.",
    "Train leaves from platform 7.",
    "Paint the fence before the winter.",
    "Return the drill to the neighbours.",
    "Water the tomatoes twice a week.",
    "The printer needs black ink.",
    "Measure the shelf in the cellar.",
)


@dataclass(frozen=True)
class Person:
    """Somebody who may be in the phone's contacts."""

    first: str
    last: str
    number: str
    company: str
    street: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """An address at the company."""
        return f"{self.first}.{self.last}@{self.company}.example".lower()

    def contact(self) -> dict[str, object]:
        """The row of the contacts table."""
        return {
            "display_name": self.name,
            "first_name": self.first,
            "last_name": self.last,
            "number": self.number,
            "number_type": "Mobile",
            "email": self.email,
            "company": self.company,
            "note": "",
            "starred": 0,
            "last_updated": milliseconds(NOW),
        }


def draw_people(rng: random.Random, count: int) -> list[Person]:
    """People with names and numbers that differ in every part."""
    return [
        Person(first, last, f"+1555{suffix:07d}", rng.choice(COMPANIES), f"{rng.randint(2, 98)} {rng.choice(STREETS)}")
        for first, last, suffix in zip(
            rng.sample(FIRST, count), rng.sample(LAST, count), rng.sample(range(1_000_000, 9_999_999), count), strict=True
        )
    ]


def namesake(rng: random.Random, person: Person) -> Person:
    """Somebody with the same first name and a last name that is easily taken for the other's."""
    last = person.last[:-1] + ("a" if person.last[-1] != "a" else "o")
    return Person(person.first, last, f"+1555{rng.randint(1_000_000, 9_999_999):07d}", rng.choice(COMPANIES), person.street)


def sms(person: Person, body: str, minutes_ago: int, sent: bool = False) -> dict[str, object]:
    """A row of the sms table; the thread is the person's number."""
    at = milliseconds(NOW - timedelta(minutes=minutes_ago))
    return {
        "thread_id": int(person.number[-7:]),
        "address": person.number,
        "date": at,
        "date_sent": at,
        "protocol": 0,
        "read": 1,
        "status": -1,
        "type": 2 if sent else 1,
        "reply_path_present": 0,
        "body": body,
        "locked": 0,
        "error_code": 0,
        "seen": 1,
    }


def small_talk(rng: random.Random, people: Sequence[Person]) -> list[dict[str, object]]:
    """A few messages from each of these people, older than an hour."""
    return [sms(person, body, rng.randint(70, 9_000)) for person in people for body in rng.sample(SMALL_TALK, 2)]


def event(title: str, start: datetime, minutes: int = 60, location: str = "", description: str = "") -> dict[str, object]:
    """A row of the calendar's events table, without repetition or reminder."""
    begins = round(start.timestamp())
    texts = {
        "repetition_exceptions": "[]",
        "attendees": "",
        "import_id": f"task-{begins}-{title}",
        "time_zone": "UTC",
        "source": "simple-calendar",
    }
    numbers = dict.fromkeys(
        """reminder_1_type reminder_2_type reminder_3_type repeat_interval repeat_rule repeat_limit flags parent_id availability color
        type""".split(),
        0,
    )
    return {
        "start_ts": begins,
        "end_ts": begins + minutes * 60,
        "title": title,
        "location": location,
        "description": description,
        **{f"reminder_{number}_minutes": -1 for number in (1, 2, 3)},
        **texts,
        **numbers,
        "event_type": 1,
        "last_updated": milliseconds(NOW),
    }


def day(days: int, hour: int = 0, minute: int = 0) -> datetime:
    """A time so many days from today."""
    return (NOW + timedelta(days=days)).replace(hour=hour, minute=minute)


def day_name(at: datetime) -> str:
    """As in `Wednesday, October 18`."""
    return f"{at:%A, %B} {at.day}"


def alarm(hour: int, minute: int, label: str = "", enabled: bool = True, days: int = 0) -> dict[str, object]:
    """A row of the alarms table. `days`: bits from Monday on."""
    return {
        "hour": hour,
        "minutes": minute,
        "daysofweek": days,
        "enabled": int(enabled),
        "vibrate": 1,
        "label": label,
        "ringtone": "content://settings/system/alarm_alert",
        "delete_after_use": 0,
    }


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return round(at.timestamp() * 1000)


def picture(colour: tuple[int, int, int], words: str) -> bytes:
    """A JPEG of 640x480 pixels: words on a colour."""
    import io

    from PIL import Image, ImageDraw

    image = Image.new("RGB", (640, 480), colour)
    drawing = ImageDraw.Draw(image)
    drawing.ellipse((220, 120, 420, 320), fill=tuple(255 - part for part in colour))
    drawing.text((20, 440), words, fill="white")
    data = io.BytesIO()
    image.save(data, format="JPEG", quality=80)
    return data.getvalue()
