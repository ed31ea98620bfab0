"""Requests seen before they are sent: documents at every hop, log-in dialogs, and what would change something on a server.

One CDP session of the whole browser sees the requests of every tab, popup, frame and worker, from their first one on (Chromium 156,
measured); sessions of single pages would have to be attached to each of them in time. What is not seen: sockets, and requests of service
workers, which a browser with a list has none of.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from handeye.tools.browser.effects import Effects
from handeye.tools.browser.refusals import quoted

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

    from handeye.tools.browser.gate import Gate

CHANGING_TYPES = ("XHR", "Fetch", "Ping", "Other", "CSPViolationReport")
"""CDP's resource types of requests that can be other than a GET, without documents. Pictures, scripts, styles, fonts and media cannot,
and are not slowed down."""
UNHEARD = ("Ping", "CSPViolationReport")
"""Those by which pages tell their servers something, and hear nothing back."""


class RequestGate:
    """Judges paused requests. Lives on the event loop of the browser."""

    def __init__(self, gate: Gate, effects: Effects | None, spawn: Callable[[Coroutine[Any, Any, Any]], None]) -> None:
        self._gate = gate
        self._effects = effects
        self._spawn = spawn

    async def attach(self, cdp: CDPSession) -> None:
        """See to all requests that the target of `cdp` (a browser, a page) makes from now on."""
        patterns = [{"urlPattern": "*", "resourceType": "Document"}]
        if self._effects is not None:
            patterns += [{"urlPattern": "*", "resourceType": name} for name in CHANGING_TYPES]
        if self._gate.limited:
            patterns.append({"urlPattern": "*", "resourceType": "Document", "requestStage": "Response"})
        cdp.on("Fetch.requestPaused", lambda event: self._spawn(self._judge(cdp, event)))
        cdp.on("Fetch.authRequired", lambda event: self._spawn(self._no_log_in(cdp, event)))
        await cdp.send("Fetch.enable", {"patterns": patterns, "handleAuthRequests": True})

    async def _judge(self, cdp: CDPSession, event: dict[str, Any]) -> None:
        ident = {"requestId": event["requestId"]}
        if "responseStatusCode" in event or "responseErrorReason" in event:
            await cdp.send("Fetch.continueResponse", ident | _saved_if_pdf(event))
        elif self._stopped(event):
            # Aborted, a navigation leaves the page as it was; any other reason puts an error page in its place.
            document = event["resourceType"] == "Document"
            if document:
                self._gate.stopped(event["frameId"])
            await cdp.send("Fetch.failRequest", ident | {"errorReason": "Aborted" if document else "BlockedByClient"})
        else:
            await cdp.send("Fetch.continueRequest", ident)

    def _stopped(self, event: dict[str, Any]) -> bool:
        request = event["request"]
        # What a page writes for a frame of its own sends nothing; as the page of a tab it is taken away when it comes up.
        written = request["url"].startswith(("blob:", "data:"))
        document = event["resourceType"] == "Document"
        if document and not written and (why := self._gate.refusal(request["url"])) is not None:
            hop = " by a redirect" if event.get("redirectedRequestId") else ""
            self._gate.refuse("document", request["url"], why, f"The page wanted to open {quoted(request['url'])}{hop}: {why}. It was not.")
            return True
        if self._effects is None:
            return False
        # Their answer reaches no page, and a refused host gets nothing whatever a person says: nobody is asked about either.
        told = document or (event["resourceType"] not in UNHEARD and self._gate.load_refusal(request["url"]) is None)
        held = self._effects.stops(request, told, event["frameId"] if document else "", bool(event.get("redirectedRequestId")))
        if held is None:
            return False
        # Whoever told it to hold tells the model.
        why = held.why or "the action before it was not allowed to change anything on a server"
        self._gate.refuse("request", f"{held.method} {held.url}", why, "")
        return True

    async def _no_log_in(self, cdp: CDPSession, event: dict[str, Any]) -> None:
        await cdp.send("Fetch.continueWithAuth", {"requestId": event["requestId"], "authChallengeResponse": {"response": "CancelAuth"}})
        challenge = event["authChallenge"]
        why = "log-in dialogs of HTTP are answered by the person alone"
        text = f"{quoted(challenge.get('origin', ''))} asked for a user name and a password by a dialog of HTTP: {why}. It was cancelled."
        self._gate.refuse("login", challenge.get("origin", ""), why, text)


def _saved_if_pdf(event: dict[str, Any]) -> dict[str, Any]:
    """What to change about the answer to a document request: a PDF is saved, since the viewer follows links and runs scripts in it."""
    headers = event.get("responseHeaders") or []
    kind = next((header["value"] for header in headers if header["name"].lower() == "content-type"), "")
    status = event.get("responseStatusCode", 0)
    if kind.split(";")[0].strip().lower() not in ("application/pdf", "application/x-pdf", "text/pdf") or not 200 <= status < 300:
        return {}
    kept = [header for header in headers if header["name"].lower() != "content-disposition"]
    named = next((header["value"] for header in headers if header["name"].lower() == "content-disposition"), "")
    rest = named.partition(";")[2]
    return {
        "responseCode": status,
        "responseHeaders": [*kept, {"name": "Content-Disposition", "value": "attachment" + (f";{rest}" if rest else "")}],
    }
