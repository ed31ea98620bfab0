"""Whatever is pushed to the phone as an APK is read, or refused with a reason."""

from __future__ import annotations

import contextlib
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.simphone.apk import BadApk, read_apk
from tests.tools.simphone.apks import apk, axml


def test_a_manifest_is_read() -> None:
    found = read_apk(apk("org.example.keys", "org.example.keys.Service"))
    assert found.package == "org.example.keys"
    assert found.keyboards == ["org.example.keys/.Service"]


@pytest.mark.parametrize("data", [b"", b"PK", apk("")[:50]], ids=["nothing", "two letters", "a beginning"])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(BadApk, match="NOT_APK"):
        read_apk(data)


def test_a_manifest_without_a_package_is_refused() -> None:
    with pytest.raises(BadApk, match="MANIFEST_MALFORMED"):
        read_apk(apk(""))


def zipped(manifest: bytes) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w") as archive:
        archive.writestr("AndroidManifest.xml", manifest)
    return held.getvalue()


@given(st.data())
def test_damaged_manifests_are_read_or_refused(data: st.DataObject) -> None:
    manifest = bytearray(axml("org.example.app", "org.example.app.Keys"))
    for _ in range(data.draw(st.integers(1, 6))):
        manifest[data.draw(st.integers(0, len(manifest) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(manifest)))
    with contextlib.suppress(BadApk):
        assert read_apk(zipped(bytes(manifest[:cut]))).package


@given(st.binary(max_size=400))
def test_rubbish_is_refused(data: bytes) -> None:
    for given_bytes in (data, zipped(data)):
        with pytest.raises(BadApk):
            read_apk(given_bytes)
