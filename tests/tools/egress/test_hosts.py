"""What a list of hosts allows: patterns as written, addresses as browsers read them."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handeye.tools.egress import Allowed, canonical
from handeye.tools.egress.addresses import canonical_host, private_reason
from handeye.tools.egress.hosts import read_pattern
from handeye.tools.errors import InvalidAction, SetupError

LISTS = Allowed.read(["shop.test"], ["*.cdn.test"])

DENIED = {
    "another host": ["https://evil.test", "https://evil.test/shop.test", "https://evil.test?shop.test", "https://evil.test#@shop.test"],
    "a name that holds the name": [
        *("https://eshop.test", "https://shop-test.com", "https://shop.test.evil.test", "https://www.shop.test", "https://shop.tes"),
        *("https://shop.test%2eevil.test", "https://shop.test%00.evil.test", "https://shop.test%2f.evil.test", "https://xshop.test"),
    ],
    "a user name": [
        "https://shop.test@evil.test/",
        "https://shop.test:443@evil.test",
        "https://shop.test%40evil.test",
        "https://a@b@evil.test",
    ],
    "slashes": [
        "http:\\\\evil.test",
        "https:/evil.test",
        "https:evil.test",
        "///evil.test",
        "//evil.test",
        "https://evil.test\\@shop.test",
    ],
    "breaks in the scheme": ["ht\ttps://evil.test", "ht\nt\rps://evil.test", "\x00https://evil.test", " \u00a0https://shop.test"],
    "letters that look alike": [
        *("https://sh\u043ep.test", "https://xn--shp-ted.test", "https://sh\u03bfp.test", "https://shop\u200d.test", "https://ѕhор.test"),
        *("https://ⓔvil.test", "https://evil。test", "https://ｅvil.test", "https://shop.te\u0455t"),
    ],
    "dots": ["https://shop.test.", "https://.shop.test", "https://shop..test", "https://shop.test..", "https://a..cdn.test"],
    "ports and plain http": [
        *("http://shop.test", "http://shop.test:443", "ws://shop.test", "ws://shop.test:443", "https://shop.test:8443"),
        *("https://shop.test:22", "https://shop.test:25", "https://shop.test:80", "https://shop.test:0", "https://shop.test:99999"),
    ],
    "numbers": [
        *("http://2130706433", "http://017700000001", "http://0x7f.1", "http://127.1", "http://0177.0.0.1", "https://127.0.0.1"),
        *("https://127.0.0.1.nip.io", "https://0", "https://[::1]", "https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]"),
        *(
            "https://①②⑦.0.0.1",
            "https://[64:ff9b::7f00:1]",
            "https://[fe80::1]",
            "https://[fe80::1%25eth0]",
            "https://[::]",
            "https://1.1.1.1",
        ),
    ],
    "metadata": [
        *("http://169.254.169.254/latest", "https://metadata.google.internal", "https://metadata", "https://[fd00:ec2::254]"),
        *("https://instance-data.ec2.internal", "https://100.100.100.200", "https://168.63.129.16"),
    ],
    "schemes": [
        *("javascript:alert(1)", "data:text/html,x", "blob:https://shop.test/1", "about:blank", "file:///etc/passwd", "chrome://version"),
        *("file://shop.test/c", "view-source:https://shop.test", "ftp://shop.test", "mailto:a@shop.test", "devtools://devtools"),
        *(
            "chrome-extension://shop.test/x",
            "intent://shop.test",
            "shop.test",
            "",
            "https://",
            "filesystem:https://shop.test/x",
            "//shop.test",
        ),
    ],
    "nonsense": [
        "https://[",
        "https://shop.test:port",
        "\ud800",
        "https://\ud800.shop.test",
        "https://sho p.test",
        "https://shop.test:443:443",
    ],
}
PAIRS = [(kind, url) for kind, urls in DENIED.items() for url in urls]


@pytest.mark.parametrize(("kind", "url"), PAIRS)
def test_what_is_not_on_the_lists_is_refused_with_words(kind: str, url: str) -> None:
    for document in (True, False):
        why = LISTS.refusal(url, document)
        assert why
        assert why.isascii()
        assert why.isprintable()


@pytest.mark.parametrize(
    "url",
    [
        *("https://shop.test", "https://shop.test:443/a?b#c", "HTTPS://SHOP.TEST/", "https://user:word@shop.test/", "https://ｓhop.test"),
        *(
            "https://shop。test",
            "https://shop.test\\@evil.test",
            "https:shop.test",
            "ht\ntps://shop.test",
            "https://sh%6fp.test",
            "https://sho\u00adp.test",
        ),
    ],
)
def test_whatever_a_browser_reads_as_the_listed_host_is_allowed(url: str) -> None:
    assert LISTS.refusal(url, document=True) is None
    assert LISTS.refusal(url, document=False) is None


def test_what_pages_may_load_may_not_be_visited() -> None:
    for url in ("https://a.cdn.test/x.js", "https://a.b.cdn.test/x.js"):
        assert LISTS.refusal(url, document=False) is None
        assert "list for loading" in (LISTS.refusal(url, document=True) or "")
    assert LISTS.refusal("https://cdn.test", document=False)
    assert LISTS.refusal("wss://shop.test/socket", document=False) is None
    assert LISTS.refusal("wss://shop.test/socket", document=True)


def test_everything_below_a_name_is_not_the_name() -> None:
    below = Allowed.read(["*.shop.test"])
    assert below.refusal("https://shop.test", True)
    assert below.refusal("https://xshop.test", True)
    assert below.refusal("https://.shop.test", True)
    for url in ("https://a.shop.test", "https://a.b.shop.test", "https://xn--bcher-kva.shop.test"):
        assert below.refusal(url, True) is None
    assert Allowed.read(["shop.test", "*.shop.test"]).refusal("https://shop.test", True) is None


def test_a_port_is_that_port_alone() -> None:
    lists = Allowed.read(["shop.test:80", "shop.test:8443"])
    assert lists.refusal("http://shop.test/", True) is None
    assert lists.refusal("https://shop.test:8443/", True) is None
    assert lists.refusal("http://shop.test:8443/", True) is None
    assert "port 443" in (lists.refusal("https://shop.test/", True) or "")
    assert "https only" in (LISTS.refusal("http://shop.test:443", True) or "")


def test_everything_to_load_is_every_name_but_no_number_and_nothing_of_the_own_network() -> None:
    lists = Allowed.read(["shop.test"], ["*"])
    assert lists.refusal("https://anything.example", False) is None
    assert lists.refusal("https://anything.example", True)
    for url in (
        *("https://1.1.1.1", "https://[2606:4700::1111]", "https://localhost", "https://a.localhost", "https://router.lan", "https://nas"),
        *("https://metadata.google.internal", "http://anything.example", "https://anything.example:8443", "https://printer.local"),
    ):
        assert lists.refusal(url, False), url


def test_numbers_and_this_machine_are_allowed_when_they_are_written_down() -> None:
    lists = Allowed.read(["127.0.0.1:8080", "[::1]:8080", "localhost:9000", "10.1.2.3", "nas.lan:80=192.168.1.2", "*.dev.test:80=::1"])
    for url in ("http://127.0.0.1:8080", "http://2130706433:8080", "http://127.1:8080", "http://[::1]:8080", "http://localhost:9000"):
        assert lists.refusal(url, True) is None, url
    for url in (
        "http://127.0.0.1:8081",
        "http://127.0.0.2:8080",
        "http://[::ffff:127.0.0.1]:8080",
        "http://10.1.2.3",
        "http://localhost:8080",
    ):
        assert lists.refusal(url, True), url
    assert lists.addresses("nas.lan", 80) == ("192.168.1.2",)
    assert lists.addresses("a.dev.test", 80) == ("::1",)
    assert lists.addresses("10.1.2.3", 443) == ("10.1.2.3",)
    assert set(lists.addresses("localhost", 9000)) == {"127.0.0.1", "::1"}
    assert LISTS.addresses("shop.test", 443) == ()


def test_the_nearest_pattern_gives_the_address() -> None:
    lists = Allowed.read(["*.a.test=10.0.0.1", "*.b.a.test=10.0.0.2", "c.b.a.test=10.0.0.3", "c.b.a.test:80"])
    assert [lists.addresses(host, 443) for host in ("x.a.test", "x.b.a.test", "c.b.a.test")] == [
        ("10.0.0.1",),
        ("10.0.0.2",),
        ("10.0.0.3",),
    ]
    assert lists.addresses("c.b.a.test", 80) == ()


WRONG = {
    "https://shop.test": "scheme",
    "//shop.test": "path",
    "shop.test/*": "path",
    "shop.test/": "path",
    "10.0.0.0/8": "range",
    "shop.test?": "path",
    "shop.test\\": "path",
    "*": "every host",
    "*:80": "every host",
    "*.com": "public suffix",
    "*.co.uk": "public suffix",
    "*.github.io": "public suffix",
    "*.appspot.com": "public suffix",
    "*.local": "public suffix",
    "*.localhost": "public suffix",
    "*.рф": "public suffix",
    "*.CO.UK": "public suffix",
    "*.amazonaws.com": "below s3.amazonaws.com, a public suffix",
    "*.fastly.net": "a public suffix",
    "*.core.windows.net": "a public suffix",
    "sh\u043ep.test": "look-alike",
    "\u0430\u0440\u0440\u04cf\u0435.com": "look-alike",
    "a.sh\u03bfp.test": "look-alike",
    "1.2.3.4=5.6.7.8": "its own address",
    "0.0.0.0:80": "no one host",
    "[::]:80": "no one host",
    "224.0.0.1": "no one host",
    "*shop.test": "beginning",
    "shop.*": "beginning",
    "*.*.test": "beginning",
    "**.shop.test": "beginning",
    ".shop.test": "begins with a dot",
    "shop.test.": "ends with a dot",
    "shop。test。": "ends with a dot",
    "": "no host",
    "*.": "no host",
    ":443": "no host",
    "shop..test": "no host has such a name",
    "a" * 64 + ".test": "no host has such a name",
    "shop": "without a dot",
    "user@shop.test": "user name",
    "shop.test:": "port",
    "shop.test:0": "port",
    "shop.test:080": "port",
    "shop.test:65536": "port",
    "shop.test:https": "port",
    "shop.test:*": "port",
    "shop.test:443:443": "more than one colon",
    "::1": "more than one colon",
    "[::1": "brackets",
    "[127.0.0.1]": "no host",
    "[::ffff:127.0.0.1]": "in disguise",
    "[::ffff:7f00:1]": "in disguise",
    "[0:0:0:0:0:0:0:1]": "reads it as ::1",
    "127.1": "reads it as 127.0.0.1",
    "0x7f.0.0.1": "reads it as 127.0.0.1",
    "2130706433": "reads it as 127.0.0.1",
    "*.127.0.0.1": "no names below",
    "256.1.1.1": "no host",
    "ｓhop.test": "look-alike",
    "ⓢhop.test": "look-alike",
    "shop.test%2e": "percent",
    " shop.test": "space",
    "shop.test\n": "space",
    "sho\u200dp.test": "invisible",
    "a.test,b.test": "more than one pattern",
    "shop.test=": "no network address",
    "shop.test=localhost": "no network address",
    "shop.test=127.0.0.1:80": "no network address",
    "shop.test=127.1": "no network address",
    "shop.test=fe80::1%eth0": "percent",
}


@pytest.mark.parametrize(("pattern", "why"), WRONG.items())
def test_a_pattern_that_is_wrong_or_matches_more_than_it_seems_is_named_with_what_would_be_right(pattern: str, why: str) -> None:
    with pytest.raises(SetupError, match=re.escape(why)) as caught:
        Allowed.read(["good.test", pattern])
    assert ascii(pattern)[1:-1][:20] in str(caught.value)
    assert "--allow-host" in str(caught.value)
    assert caught.value.fix


def test_a_list_is_a_list_with_something_in_it() -> None:
    for wrong in ([], None, "shop.test", 5, [None], [5]):
        with pytest.raises(SetupError):
            Allowed.read(wrong)  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="--load-host"):
        Allowed.read(["shop.test"], ["*=127.0.0.1"])
    with pytest.raises(SetupError, match="--load-host"):
        Allowed.read(["shop.test"], "cdn.test")
    with pytest.raises(SetupError, match="two addresses"):
        Allowed.read(["shop.test=10.0.0.1"], ["shop.test=10.0.0.2"])
    assert Allowed.read(["shop.test"], []) == Allowed.read(["shop.test"]) == Allowed.read(["SHOP.test", "shop.test"][:1])


def test_names_in_other_scripts_are_compared_as_browsers_write_them() -> None:
    lists = Allowed.read(["bücher.example", "xn--shp-ted.test"])
    assert lists.refusal("https://xn--bcher-kva.example", True) is None
    assert lists.refusal("https://BÜCHER.example", True) is None
    assert lists.refusal("https://xn--shp-ted.test", True) is None
    assert lists.refusal("https://shop.test", True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *((text, True) for text in ("1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1")),
        *((text, False) for text in ("127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255")),
        *((text, False) for text in ("192.168.0.1", "100.64.0.1", "100.127.255.255", "169.254.169.254", "192.0.0.192", "198.18.0.1")),
        *((text, False) for text in ("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1", "168.63.129.16")),
        *((text, False) for text in ("::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "100::1")),
        *((text, False) for text in ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1")),
        *(
            (text, False)
            for text in ("2002:7f00:1::1", "2002:101:101::1", "2001:0:7f00:1::1", "::7f00:1", "2606:4700::5efe:7f00:1", "5f00::1")
        ),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    assert (private_reason(ipaddress.ip_address(address)) is None) == public


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public_nor_is_what_carries_it(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    private = address.is_private or address.is_multicast or address.is_loopback or address.is_link_local
    if private and not (isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or str(address).startswith("64:ff9b:"))):
        assert private_reason(address)
    if isinstance(address, ipaddress.IPv4Address):
        for carrier in (f"::ffff:{address}", f"64:ff9b::{address}"):
            assert (private_reason(ipaddress.ip_address(carrier)) is None) == (private_reason(address) is None)


PIECES = st.sampled_from(
    [
        *(
            "https",
            "http",
            "wss",
            "ws",
            "file",
            "javascript",
            "data",
            "blob",
            ":",
            "/",
            "//",
            "\\",
            "\\\\",
            "@",
            "?",
            "#",
            "%",
            "%2e",
            "%00",
        ),
        *(
            "shop.test",
            "evil.test",
            "a.cdn.test",
            "cdn.test",
            ".",
            "。",
            "\t",
            "\n",
            "\x00",
            " ",
            "443",
            ":443",
            ":8443",
            "127.0.0.1",
            "[::1]",
        ),
        *("0x7f", "ⓢ", "ｓ", "\u200d", "\u00ad", "xn--", "о", "\ud800", "-", "*"),
    ]
)


@given(
    st.one_of(
        st.text(), st.lists(PIECES, max_size=9).map("".join), st.lists(PIECES, max_size=6).map(lambda some: "https://" + "".join(some))
    )
)
@example("https://shop.test")
@example("https://,.cdn.test")  # the standard lets a name have signs, and it is one below cdn.test
def test_no_text_raises_and_what_is_allowed_is_a_listed_host(url: str) -> None:
    for document in (True, False):
        if LISTS.refusal(url, document) is None:
            address = canonical(url)
            # An independent reading of the canonical address, which holds no tricks any more.
            found = re.fullmatch(r"(https|wss)://(?:[^/@]*@)?([^/@:?#\\\s]+)(/.*)?", address.href, re.DOTALL)
            assert found
            host = found[2]
            assert host == "shop.test" or (not document and host.endswith(".cdn.test"))
            assert (address.host, address.port) == (host, 443)


@given(st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=5).map("".join)), st.booleans())
@example("[::1]:80=::1", True)
def test_whatever_is_given_as_a_pattern_is_read_or_refused_with_words(text: str, loading: bool) -> None:
    try:
        pattern = read_pattern(text, loading=loading)
    except SetupError as error:
        said = str(error)
    else:
        said = "read"
        assert 0 < pattern.port < 65536
        assert pattern.host or loading
        if pattern.host and not pattern.below:
            assert canonical_host(pattern.host) == pattern.host
            assert pattern.names(pattern.host)
    assert said.isascii()
    assert said.isprintable()


def test_an_address_that_no_browser_could_open_is_said_to_be_none() -> None:
    for url in ("https://[", "shop.test", "\ud800", "https://shop.test:99999"):
        with pytest.raises(InvalidAction):
            canonical(url)
    assert canonical("HTTPS://Shop.Test:443/%41").href == "https://shop.test/%41"
    assert (canonical("http://[::1]:8080").host, canonical("http://[::1]:8080").authority) == ("::1", "[::1]:8080")


@pytest.mark.parametrize(
    "name", ["пример.рф", "россия.com", "münchen.de", "faß.de", "abc日本.jp", "ελλάδα.gr", "*.bücher.de", "xn--shp-ted.test"]
)
def test_names_of_other_scripts_that_look_like_no_other_are_taken(name: str) -> None:
    assert "xn--" in read_pattern(name).host
