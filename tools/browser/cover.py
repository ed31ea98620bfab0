"""What an approval covers: where the requests may go by which the page then changes something on a server.

An approval is for what it named. So after a yes:

- A form goes to the address that was read before, by the method that was read, and its fields that carried a sum that was shown carry it
  still. Whatever else the page's scripts make of it meanwhile, or submit in its place, is held back.
- Scripts may send (fetch, XMLHttpRequest, beacons) to the site of the document that was touched, of the tab, or of the form's address:
  nobody can read beforehand which address of its own server a page calls. Another site is held back. A site is a registrable domain, as
  for cookies; for a number, and for a name that has none, it is the origin.
- What a document of another site sends to its own site is its own business: a frame for payments talks to its provider.
- A redirect that keeps the method (307, 308) may stay within these sites. Others turn into a GET.
- Once the answer to what was covered has come up as the page of the tab, what that page submits is what its server answered, as a
  redirect is: log-ins and payments are handed on so.
- Where no form was named (a plain button, a page that is typed on in), any of the site may be sent.
- What was held back before and asked about since may be sent: that method, to that address, whatever its query; by scripts to its site.

What is read (GET) is not bound: by the rules of HTTP it changes nothing, and what a page says in an address it can say by a picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handeye.tools.browser.bodies import other_sums
from handeye.tools.browser.refusals import quoted
from handeye.tools.egress.sites import same_site


@dataclass(frozen=True)
class Form:
    """A form that may be sent."""

    method: str
    """In capitals."""
    url: str
    origin: str = ""
    """Of the document that it stands in."""
    sums: tuple[str, ...] = ()
    """Its fields that carry a sum that was shown, each `name=value`."""

    def is_to(self, method: str, url: str) -> bool:
        """Whether a request is to where it goes; by https where it names http, too, since browsers go over to that by themselves. By GET,
        the fields take the place of the address's query."""
        address = self.url.partition("#")[0]
        if method == "GET":
            address, url = address.partition("?")[0], url.partition("?")[0]
        return method == self.method and url in (address, f"https://{address.removeprefix('http://')}")


@dataclass(frozen=True)
class Asked:
    """A request that was held back before, and that somebody allowed since."""

    method: str
    url: str
    why: str = ""
    """Why it was held back, as `Cover.fault` said it."""


@dataclass(frozen=True)
class Cover:
    """What one approval covers; two are joined with `|`."""

    forms: tuple[Form, ...] = ()
    places: tuple[str, ...] = ()
    """Addresses whose sites are those of the page."""
    asked: tuple[Asked, ...] = ()

    def __or__(self, other: Cover) -> Cover:
        return Cover(self.forms + other.forms, self.places + other.places, self.asked + other.asked)

    def reads(self, request: Mapping[str, Any]) -> bool:
        """Whether a request that changes nothing is that of one of the forms."""
        return any(form.is_to(str(request["method"]).upper(), str(request["url"])) for form in self.forms)

    def fault(self, request: Mapping[str, Any], sender: str, *, document: bool = False, hop: bool = False) -> str | None:
        """Why a request (CDP `Network.Request`) that changes something is not covered, in words; None: it is.

        `sender`: origin of the document that sends it, as far as the browser says. `document`: it opens one, as forms do. `hop`: a
        redirect leads there.
        """
        method, url = str(request["method"]).upper(), str(request["url"])
        forms = [form for form in self.forms if document and form.is_to(method, url)]
        sums = tuple(one for form in forms or (() if document else self.forms) for one in form.sums)
        changed = other_sums(tuple(dict.fromkeys(sums)), request, whole=bool(forms))
        if any(_same(one, method, url) and (not changed or changed in one.why) for one in self.asked):
            return None
        if changed:
            return changed
        if forms:
            return None
        own = bool(sender) and same_site(url, sender)
        if document and self.forms and not hop:
            # A document of the form's own site is held to the form; those of other sites know nothing of it.
            if own and not any(same_site(sender, form.origin) for form in self.forms):
                return None
            return f"what was allowed is to {quoted(f'{self.forms[0].method} {self.forms[0].url}')}"
        places = self.places if document else (*self.places, *(one.url for one in self.asked))
        return None if own or any(same_site(url, place) for place in places) else "it goes to another site"


def _same(asked: Asked, method: str, url: str) -> bool:
    return asked.method.upper() == method and asked.url.partition("?")[0].partition("#")[0] == url.partition("?")[0]
