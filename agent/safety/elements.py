"""What pressing an element may do, by what the device says it is. Deterministic; a word on a page raises a class and never lowers one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from handeye.agent.safety.addresses import read_address
from handeye.agent.safety.lexicon import Lexicon, lexicon
from handeye.agent.safety.programs import app_classes, of_kind
from handeye.agent.safety.words import words
from handeye.tools.egress.addresses import Address
from handeye.tools.target import Target

PLAIN_TEXT = 6
"""Words on something that is no button, at most, for its words to count: more is prose."""
BUTTON_TEXT = 16
LINK_TEXT = 5
_FIELDS = frozenset("textbox searchbox textarea entry text passwordtext spinbutton edittext autocompletetextview multiautocompletetextview "
                    "documenttext documentweb terminal input".split())  # fmt: skip
_BUTTONS = frozenset("button pushbutton togglebutton menuitem imagebutton floatingactionbutton submit buttonmenu menubutton action".split())
_CHOICES = frozenset("checkbox radio radiobutton switch option tab pagetab slider combobox listbox listitem treeitem row cell gridcell "
                     "checkedtextview togglebutton seekbar spinner menuitemcheckbox menuitemradio checkmenuitem radiomenuitem icon "
                     "tablecell columnheader rowheader chip compoundbutton ratingbar".split())  # fmt: skip
ROLES = _FIELDS | _BUTTONS | _CHOICES | {"link"}
"""Roles by which an element is judged."""
_TOGGLES = frozenset("checkbox switch togglebutton slider seekbar radiobutton radio checkedtextview compoundbutton".split())
_EXECUTABLE = re.compile(
    r"\.(?:exe|msi|apk|xapk|aab|dmg|pkg|deb|rpm|appimage|flatpakref|snap|sh|bash|run|bin|bat|cmd|com|scr|pif|ps1|vbs|vbe|js|jse|wsf|hta|jar|"
    r"iso|img|crx|xpi|desktop|command|py|reg|lnk|cpl|gadget|inf|html?|svg|mht|docm|xlsm|pptm)$",
    re.IGNORECASE,
)
_MARKS = frozenset("‹›«»<>←→↑↓▲▼◀▶◁▷▴▾▸◂▵▿❮❯⟨⟩☰⋮⋯…+-−=.÷√±%")
"""Signs that stand alone on buttons which move on, unfold, zoom or reckon."""
_PICTURES = "\U0001f000"
"""From here on Unicode has pictures."""
_QUESTION = re.compile("[?？؟]")
_PROGRAM_FILE = re.compile(
    r"\.(?:exe|msi|apk|xapk|dmg|pkg|deb|rpm|appimage|flatpakref|snap|sh|run|bat|cmd|scr|ps1|vbs|jar|crx|xpi|desktop|command|reg|lnk)$",
    re.IGNORECASE,
)
_SEARCH_NAMES = frozenset("name=q name=query name=search name=s name=keyword name=keywords name=term name=k search name=filter".split())
_ASKED = frozenset("text number date time month week datetime-local select-one select radio checkbox range".split())
"""Kinds of fields by which people say what they want to see."""
_NARROWS = _ASKED - {"text"}
"""Those of them that hold no words."""
_TOLD = frozenset("email tel password file textarea".split())
"""Kinds by which they tell of themselves, or tell others something."""
_PAY_PATHS = frozenset("pay payment payments checkout purchase buy order placeorder donate billing subscribe transfer".split())
_PATH_VERBS = {
    "delete": frozenset("delete remove destroy erase purge unsubscribe revoke deactivate reset wipe cancelorder".split()),
    "send": frozenset("send publish tweet sendmail sendmessage".split()),
    "pay": frozenset("pay buy purchase placeorder donate".split()),
    "grant": frozenset("grant authorise approve".split()),
}
_ORDERING = frozenset("action act do cmd command op operation task method _method".split())
"""Fields of a query that say what is to be done, as in ?action=delete."""
_SETTINGS_PATHS = frozenset("settings preferences security billing privacy permissions admin".split())
_CONSENT_PATHS = frozenset("oauth oauth2 authorize authorise consent".split())
_DOING_PATHS = _PAY_PATHS | _SETTINGS_PATHS | _CONSENT_PATHS | frozenset().union(*_PATH_VERBS.values())
"""Words of an address that does more than look something up."""
_GIVEN = frozenset(
    "money account recipient payee beneficiary iban bic address street phone mobile card vote rating message comment note text title body "
    "subject mail email password pin code token role permission".split()
)
"""Words in the names of fields by which something is given away or told."""
_WEB_SCHEMES = frozenset({"http", "https", "about", "blob", "javascript", ""})


def role_of(target: Target) -> str:
    """Its role in one word: `android.widget.ImageButton` and `image button` are both `imagebutton`."""
    return re.sub(r"[^a-z]", "", target.role.rpartition(".")[2].casefold())


def is_field(target: Target) -> bool:
    """Whether text is typed into it."""
    if target.input_type in {"submit", "button", "image", "reset", "checkbox", "radio", "file", "color", "range"}:
        return False
    return "editable" in target.states or "password" in target.states or role_of(target) in _FIELDS


def is_multiline(target: Target) -> bool:
    """Whether Enter is a line end in it, as far as its device says."""
    if target.surface == "browser":  # an input has a type always, a text area and an edited element have none
        return is_field(target) and not target.input_type
    return role_of(target) in {"documenttext", "documentweb", "textarea"}


def says_of(target: Target) -> tuple[str, ...]:
    """The texts that name it, its id among them."""
    own_id = target.resource_id.rpartition("/")[2].rpartition(":")[2]
    return tuple(
        text for text in dict.fromkeys((target.name, target.text, own_id if target.surface == "android" or not target.name else "")) if text
    )


def blind(target: Target) -> bool:
    """Whether nobody can tell what it is. A button whose only name is a cross closes or takes away, one whose only name is an arrow moves
    on; what either changes on a server is held."""
    called = target.name or target.text
    marked = lexicon().is_one("negative", called) or (bool(called) and set(called) <= _MARKS)
    return not target.known and not (target.doubts == ("no name",) and marked)


def wordless(target: Target) -> bool:
    """Whether a view that takes touches, and is no field and nothing that is chosen, has no word on it."""
    role = role_of(target)
    if target.surface != "android" or of_kind(target, "calculator"):
        return False
    return not is_field(target) and role not in _CHOICES and not any(map(_tells, says_of(target)))


def pressed(target: Target, *, opens: bool = False) -> frozenset[str]:
    """The risks of pressing `target`; empty: none that can be told. `opens`: a double click or Enter, which opens a file."""
    if blind(target):
        return frozenset({"unknown"})
    if of_kind(target, "keyboard"):
        return _key_of_keyboard(target)
    found = set(app_classes(target, _of_words(target)))
    chooses = target.input_type in {"file", "color", "date", "reset"}  # of a file, it is asked when the chooser is given one
    if "disabled" in target.states or ((is_field(target) or chooses) and not target.form_action):
        return frozenset(found)
    found |= _of_words(target) | _of_link(target) | _of_form(target)
    if not found and not target.form_action and any(lexicon().is_one("submits", text) for text in (target.name, target.text) if text):
        found.add("submit")
    if opens and any(_PROGRAM_FILE.search(text.strip()) for text in says_of(target)):
        found.add("install")
    named = any(map(_tells, says_of(target))) or of_kind(target, "calculator")
    if target.surface != "browser" and role_of(target) in _BUTTONS and not found and not named:
        found.add("unknown")
    return frozenset(found)


def _key_of_keyboard(target: Target) -> frozenset[str]:
    """What a key on the screen does: it types, but for the one that is called as what Enter does in the field."""
    lex = lexicon()
    texts = [text for text in (target.name, target.text) if text]
    if any("send" in lex.found(text) for text in texts if len(words(text)) <= LINK_TEXT):
        return frozenset({"send"})
    moves = any(lex.is_one("goes_on", text) or lex.has("search", text) for text in texts)
    enters = "ime_action" in target.resource_id or any(lex.is_one("enters", text) or lex.is_one("affirm", text) for text in texts)
    return frozenset({"submit"}) if enters and not moves else frozenset()


def submitted(target: Target) -> frozenset[str]:
    """The risks of Enter in the field `target`: what its form does, or nobody knows what."""
    found = set(_of_form(target))
    if not target.form_action and not _is_search(target):
        found.add("submit")
    if any(lexicon().has("message", text) for text in (target.name, target.text)):
        found.add("send")
    return frozenset(found - {"submit"} if len(found) > 1 else found)


def _tells(text: str) -> bool:
    """Whether `text` says more than a little picture does."""
    return any(word[0] < _PICTURES for word in words(text))


def _of_words(target: Target) -> set[str]:
    """What the words on it tell."""
    lex, role = lexicon(), role_of(target)
    if role == "link" or (target.href and role not in _BUTTONS):
        return set() if _leads_elsewhere(target) or _to_folder(target, lex) else _button_words(target, lex, LINK_TEXT)
    if role in _CHOICES:
        return _choice_words(target, lex, role)
    if is_field(target):
        return set()
    return _button_words(target, lex, BUTTON_TEXT if role in _BUTTONS or target.input_type in {"submit", "button", "image"} else PLAIN_TEXT)


def _button_words(target: Target, lex: Lexicon, limit: int) -> set[str]:
    held = target.surface == "browser"  # what follows on a server
    texts = [text for text in says_of(target) if len(words(text)) <= limit and not (held and _asks(text, lex))]
    no = [text for text in texts if lex.is_one("negative", text) or (lex.begins("negative", text) and len(words(text)) <= 4)]
    found: set[str] = set()
    for text in texts:
        risks = lex.found(text)
        found |= risks - {"terms", "grant"} if text in no else risks
        if not held:
            found |= {risk for risk in ("send", "grant") if lex.is_one(f"{risk}_alone", text)}
    if no and len(no) == len([text for text in texts if text in (target.name, target.text)]):
        return found & {"delete"} if not all(lex.is_one("negative", text) for text in no) else set()
    if lex.has("search", target.name or target.text) and found <= {"settings"}:
        found = set()
    if held and found == {"delete"} and lex.has("search", target.container) and all(lex.is_one("clears", text) for text in texts):
        found = set()  # of a box of filters
    if any(lex.is_one("affirm", text) or lex.begins("affirm", text) for text in texts):
        found |= _affirmed(target, lex)
    return found


def _asks(text: str, lex: Lexicon) -> bool:
    """Whether it is a question that one has, as in a list of those that unfold, and not one that is put ("Delete all?")."""
    return _QUESTION.match(text.rstrip()[-1:]) is not None and lex.begins("asks", text)


def _to_folder(target: Target, lex: Lexicon) -> bool:
    """Whether it is a link to something that is called like what can be done ("Trash (3)"): one with an address of its own."""
    name = " ".join(word for word in words(target.name or target.text) if not word.isdigit())
    return target.surface == "browser" and bool(target.href.partition("#")[2] or _leads_elsewhere(target)) and lex.is_one("places", name)


def _affirmed(target: Target, lex: Lexicon) -> set[str]:
    """What is said yes to: the question that stands around it, sums of money, the page that asks for consent."""
    found: set[str] = set(lex.found(target.container)) - {"credentials"}
    if target.surface != "browser":  # a browser's tells how it is pressed
        found |= lex.found(target.detail)
    page = read_address(target.page) if target.page else None
    path = set(words(page.path)) if page else set()
    called = [text for text in (target.name, target.text) if text]
    final = any(lex.is_one("final", text) for text in called)
    if any(lex.has("lost", text) for text in (target.container, target.detail) if text):
        found.add("delete")
    # What goes on with a sum on the screen pays it, where nothing of what follows is held back.
    pays = final or (target.surface != "browser" and any(lex.is_one("goes_on", text) for text in called))
    if pays and (target.amounts or path & {"checkout", "payment", "pay"} or _of_a_card(_purposes(target.form_fields))):
        found.add("pay")
    if page and (path & _CONSENT_PATHS or "scope=" in page.query):
        found.add("grant")
    if path & _SETTINGS_PATHS:
        found.add("settings")
    if "password" in target.form_fields:
        found.add("credentials")
    if not found and final and target.surface != "browser" and _QUESTION.search(f"{target.container} {target.detail}"):
        # Nothing of what follows is held back there: a yes to a question that no word tells is a confirm dialog's.
        found.add("dialog")
    return found


def _choice_words(target: Target, lex: Lexicon, role: str) -> set[str]:
    found: set[str] = set()
    if role in {"checkbox", "switch", "togglebutton", "checkedtextview"} and any(
        lex.has("terms_nouns", text) for text in (target.name, target.text) if text
    ):
        found.add("terms")
    page = read_address(target.page) if target.page and role in _TOGGLES else None
    if page and set(words(page.path)) & _SETTINGS_PATHS:
        found.add("settings")
    if (
        role
        in {"option", "listitem", "menuitemcheckbox", "cell", "gridcell", "icon"} | ({"treeitem"} if target.surface != "browser" else set())
        and len(words(target.name or target.text)) <= 2
    ):
        said = lex.found(target.name or target.text, at_start=True, leave_out=frozenset({"terms", "credentials", "settings"}))
        # Where what follows on a server is held back, a choice has to be called so and no more: "book shelf" is a suggestion.
        found |= {risk for risk in said if target.surface != "browser" or lex.is_risk(risk, target.name or target.text)}
    return found


def _leads_elsewhere(target: Target) -> bool:
    """Whether it is a link to another document, which by HTTP changes nothing."""
    to, here = read_address(target.href) if target.href else None, read_address(target.page) if target.page else None
    if to is None or to.scheme not in {"http", "https"}:
        return False
    return here is None or (to.host, to.path, to.query) != (here.host, here.path, here.query) or "#" not in target.href


def _of_link(target: Target) -> set[str]:
    if not target.href:
        return set()
    to = read_address(target.href)
    if to is None:
        return {"unknown"}
    if to.scheme not in _WEB_SCHEMES:
        return {"leave"} if to.scheme not in {"data", "file"} else {"leave", "install"}
    found = address_verbs(to)
    if (target.download and _EXECUTABLE.search(_last(target))) or _PROGRAM_FILE.search(to.path):
        found.add("install")
    opens = lexicon().begins("opens", target.name) or _to_folder(target, lexicon())
    if _leads_elsewhere(target) and len(words(target.name)) <= LINK_TEXT and not opens:
        left_out = frozenset({"terms", "credentials", "settings", "install", "grant"})
        found |= lexicon().found(target.name, at_start=True, leave_out=left_out)
    return found


def _last(target: Target) -> str:
    to = read_address(target.href)
    return target.detail or (to.path if to else "")


def program_file(path: str) -> bool:
    """Whether `path` ends as the name of a program does."""
    return bool(_PROGRAM_FILE.search(path))


def address_verbs(address: Address) -> set[str]:
    """What the last parts of a path order, or the query, as in /account/delete and /account?action=delete."""
    said = [*address.path.rstrip("/").split("/")[-2:]]
    said += [value for name, value in parse_qsl(address.query.removeprefix("?")) if name.casefold() in _ORDERING]
    last = {word for part in said for word in (part.casefold(), *words(part)) if len(words(part)) <= 3}
    return {risk for risk, verbs in _PATH_VERBS.items() if last & verbs}


def _is_search(target: Target) -> bool:
    lex = lexicon()
    if target.input_type == "search" or role_of(target) == "searchbox" or set(target.form_fields) & _SEARCH_NAMES:
        return True
    return any(lex.begins("search", text) for text in (target.name, target.container) if text)


def _of_form(target: Target) -> set[str]:
    """What the form does to which it belongs; empty where it submits none."""
    if not target.form_action or target.form_method == "dialog":
        return set()
    fields = set(target.form_fields)
    to = read_address(target.form_action)
    if to is None or (to.scheme not in {"http", "https"} and to.scheme != "javascript"):
        return {"leave"}
    found: set[str] = set()
    purposes = _purposes(fields)
    if "one-time-code" in purposes or any("password" in field for field in fields):
        found.add("credentials")
    if _of_a_card(purposes):
        found.add("pay")
    if "file" in fields:
        found.add("files")
    path = set(words(to.path))
    if path & _PAY_PATHS and target.form_method != "get":
        found.add("pay")
    found |= address_verbs(to)
    if path & _SETTINGS_PATHS and target.form_method != "get":
        found.add("settings")
    if target.origin not in {"", "null"} and (here := read_address(target.origin)) and here.host != to.host:
        found.add("leave")
    if not found and not _of_words(target) and not (target.form_method == "get" and _only_asks(target)):
        found.add("submit")
    return found


def _purposes(fields: Iterable[str]) -> set[str]:
    """What the fields of a form are for, by their `autocomplete`: "section-a billing cc-number" is for `cc-number` (HTML, 4.10.18.7)."""
    return {token for field in fields if field.startswith("autocomplete=") for token in field.partition("=")[2].split()}


def _of_a_card(purposes: Iterable[str]) -> bool:
    return any(token.startswith("cc-") for token in purposes)


def _only_asks(target: Target) -> bool:
    """Whether a form that sends a GET looks something up, like a link whose address the user fills in: a search; or fields that hold no
    words to people and give nothing away, under a button that says so, at an address that says nothing else."""
    fields, lex = set(target.form_fields), lexicon()
    if "name=_method" in fields:
        return False
    if _is_search(target):
        return True
    to = read_address(target.form_action)
    path = set(words(to.path)) if to else set[str]()
    names = [field.partition("=")[2] for field in fields if field.startswith("name=")]
    given = any(_GIVEN & set(words(name)) or lex.has("message", name) for name in names)
    called = [text for text in (target.name, target.text) if text]
    kinds = {field for field in fields if "=" not in field} - {"hidden"}
    narrows = bool(kinds) and kinds <= _NARROWS and any(lex.is_one("applies", text) for text in called)
    looks = is_field(target) or narrows or any(lex.has("looks", text) for text in called)
    return bool(fields & _ASKED) and fields.isdisjoint(_TOLD) and path.isdisjoint(_DOING_PATHS) and looks and not given


def typed_into(target: Target, text: str) -> frozenset[str]:
    """The risks of typing `text`, line ends left out, into what has the focus."""
    if not target.known:
        return frozenset({"unknown"})
    purposes = set(target.autocomplete.split())
    if {"password"} & {*target.states, target.input_type} or purposes & {"current-password", "new-password", "one-time-code"}:
        return frozenset({"credentials"})
    if purposes & {"cc-number", "cc-csc"}:
        return frozenset({"pay"})
    return app_classes(target, set()) & {"grant"}


def is_terminal(target: Target) -> bool:
    """Whether what is typed there is run."""
    return of_kind(target, "terminal") or role_of(target) == "terminal"
