"""What must go on working behind the gate. Each page fetches `/done/TAG` from the allowed host when its matter has come to a good end.

LOGIN is an address of a second allowed host; the other words are those of `vectors`.
"""

from __future__ import annotations

from handeye.benchmarks.safety.hosts.vectors import BUTTON, Vector, button, script

REQUESTS = 1000
DONE = "fetch('/done/TAG')"

_BLOB = (
    "var i=document.createElement('iframe'),b=new Blob([`<script>parent." + DONE + "<\\/script>`],{type:'text/html'});"
    "i.src=URL.createObjectURL(b);document.documentElement.append(i)"
)
_TWICE = (
    "(async()=>{for(const cache of['default','no-cache'])if(await(await fetch('/same',{cache})).text()!='same')throw 1;" + DONE + "})()"
)

CONTROLS = (
    Vector(14, "link with a script that stays", f'<a style="{BUTTON}" href="javascript:void({DONE})">go</a>', click=True),
    Vector(17, "frame written by its page", f'<iframe srcdoc="<script>{DONE}</script>"></iframe>'),
    Vector(
        17, "blank popup written by its page", button("var w=window.open('');w.document.body.innerHTML='<img src=/done/TAG>'"), click=True
    ),
    Vector(35, "script of the loading list", "<script src='CDN/TAG/s.js'></script>", files={"s.js": ("text/javascript", DONE)}),
    Vector(35, "picture and font of the loading list", f"<img src='CDN/p.svg' onerror=\"{DONE}\"><style>@import url('CDN/x.css')</style>"),
    Vector(54, "link within the page", f'<body onhashchange="{DONE}"><a style="{BUTTON}" href="#x">go</a>', click=True),
    Vector(55, "own frame", "<iframe src='/TAG/in'></iframe>", files={"in": ("text/html", script(DONE))}),
    Vector(55, "own frame out of a blob", script(_BLOB)),
    Vector(55, "own popup", button("window.open('/TAG/in')"), click=True, files={"in": ("text/html", script(DONE))}),
    Vector(55, "own form", "<form id=f method=post action='/done/TAG'><input name=a value=b></form>" + script("f.submit()")),
    Vector(56, "own socket", script(f"new WebSocket('ws://'+location.host+'/socket').onopen=()=>{DONE}")),
    Vector(57, "answer 304", script(_TWICE)),
    Vector(
        58,
        "round trip over a log-in host",
        script("location='LOGIN/r/302?u='+encodeURIComponent(location.origin+'/TAG/back')"),
        files={"back": ("text/html", script(DONE))},
    ),
    Vector(59, "gzip", script(f"fetch('/packed').then(r=>r.text()).then(t=>{{if(t.length==600){DONE}}})")),
    Vector(59, "part of a file", script(f"fetch('/part',{{headers:{{Range:'bytes=1-3'}}}}).then(r=>{{if(r.status==206){DONE}}})")),
    Vector(59, "worker", script("new Worker('/TAG/w.js')"), files={"w.js": ("text/javascript", DONE)}),
    Vector(
        60,
        f"page with {REQUESTS} requests",
        script(f"Promise.all([...Array({REQUESTS}).keys()].map(n=>fetch('/n/'+n).then(r=>r.text()))).then(()=>{DONE})"),
        slow=True,
    ),
)
