"""`content`: the providers' rows in the form that AndroidWorld's evaluators parse."""

from __future__ import annotations

import re

import pytest

from handeye.tools.simphone import telephony
from tests.tools.simphone.phone_shell import PhoneShell


@pytest.fixture
def empty(sh: PhoneShell) -> PhoneShell:
    sh.ok("pm clear com.android.providers.contacts")
    sh.ok("pm clear com.android.providers.telephony")
    return sh


def test_messages_come_and_go(empty: PhoneShell) -> None:
    sh = empty
    assert sh.ok("content query --uri content://sms/inbox") == "No result found.\n"

    async def exchange() -> None:
        telephony.receive_sms(sh.phone.state, "+15551234567", "Hello, are you there? a=b")
        telephony.send_sms(sh.phone.state, "+15551234567", "Yes, I am")

    sh.wait(exchange())
    inbox = sh("content query --uri content://sms/inbox").lines
    assert len(inbox) == 1
    assert inbox[0].startswith("Row: 0 _id=1, thread_id=1, address=+15551234567, ")
    assert ", body=Hello, are you there? a=b, " in inbox[0]
    sent = sh.ok("content query --uri content://sms/sent --projection address:body:read")
    assert sent == "Row: 0 address=+15551234567, body=Yes, I am, read=1\n"
    assert "msg_count=2" in sh.ok("content query --uri content://sms/conversations")
    assert sh.phone.state.facts.notifications[-1].text.startswith("Hello")
    sh.ok('sqlite3 /data/data/com.android.providers.telephony/databases/mmssms.db "DELETE FROM sms;"')
    sh.ok('sqlite3 /data/data/com.android.providers.telephony/databases/mmssms.db "DELETE FROM threads;"')
    assert sh.ok("content query --uri content://sms") == "No result found.\n"


def test_contacts_by_raw_contact_and_data(empty: PhoneShell) -> None:
    sh = empty
    sh.ok("content insert --uri content://com.android.contacts/raw_contacts --bind account_type:n: --bind account_name:n:")
    sh.ok("content insert --uri content://com.android.contacts/data --bind raw_contact_id:i:1 "
          "--bind mimetype:s:vnd.android.cursor.item/name --bind 'data1:s:Ana Maria Silva'")  # fmt: skip
    sh.ok("content insert --uri content://com.android.contacts/data --bind raw_contact_id:i:1 "
          "--bind mimetype:s:vnd.android.cursor.item/phone_v2 --bind data1:s:+351912345678 --bind data2:i:3")  # fmt: skip
    listed = sh.ok("content query --uri content://contacts/phones/ --projection display_name:number")
    assert re.findall(r"display_name=(.*), number=(.*)", listed) == [("Ana Maria Silva", "+351912345678")]
    assert "first_name=Ana Maria, last_name=Silva" in sh.ok("content query --uri content://com.android.contacts/contacts")
    assert sh.ok("content query --uri content://com.android.contacts/data --where \"mimetype='vnd.android.cursor.item/phone_v2'\" "
                 "--projection data1:data2") == "Row: 0 data1=+351912345678, data2=3\n"  # fmt: skip
    assert "Ana" in sh.ok("content query --uri content://com.android.contacts/phone_lookup/912345678")
    sh.ok("content update --uri content://com.android.contacts/contacts --bind starred:i:1 --where _id=1")
    assert sh.ok("content query --uri content://com.android.contacts/contacts/1 --projection starred") == "Row: 0 starred=1\n"
    sh.ok("content delete --uri content://com.android.contacts/raw_contacts")
    assert sh.ok("content query --uri content://contacts/people") == "No result found.\n"


def test_sorting_conditions_and_nulls(empty: PhoneShell) -> None:
    sh = empty
    for number in (3, 1, 2):
        sh.ok(f"content insert --uri content://call_log/calls --bind number:s:{number} --bind date:l:{number} --bind type:i:{number}")
    rows = sh("content query --uri content://call_log/calls --projection number:name --sort 'date ASC' --where \"type > 1\"").lines
    assert rows == ["Row: 0 number=2, name=NULL", "Row: 1 number=3, name=NULL"]


def test_media_are_the_files(empty: PhoneShell) -> None:
    sh = empty
    sh.ok("mkdir -p /sdcard/Pictures; echo -n JPEG > /sdcard/Pictures/zz_test.jpg; echo -n text > /sdcard/Download/zz.txt")
    rows = sh.ok("content query --uri content://media/external/images/media --projection _data:_size:mime_type:bucket_display_name")
    assert "_data=/storage/emulated/0/Pictures/zz_test.jpg, _size=4, mime_type=image/jpeg, bucket_display_name=Pictures" in rows
    assert "zz.txt" not in rows
    found = sh.ok("content query --uri content://media/external/file --projection _id --where \"_display_name='zz.txt'\"")
    number = re.search(r"_id=(\d+)", found)
    assert number is not None
    assert sh("content read --uri content://media/external/file/" + number[1]).raw == b"text"
    sh.ok("content delete --uri content://media/external/file --where \"_display_name='zz.txt'\"")
    assert sh("cat /sdcard/Download/zz.txt").code == 1
    assert "Broadcast completed" in sh.ok(
        "am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d file:///sdcard/Pictures/zz_test.jpg"
    )


def test_settings_through_their_provider(empty: PhoneShell) -> None:
    sh = empty
    sh.ok("content insert --uri content://settings/system --bind name:s:zz_key --bind value:s:7")
    assert sh.ok("settings get system zz_key") == "7\n"
    assert sh.ok("content query --uri content://settings/system/zz_key --projection value") == "Row: 0 value=7\n"
    sh.ok("content delete --uri content://settings/system --where \"name='zz_key'\"")
    assert sh.ok("settings get system zz_key") == "null\n"


@pytest.mark.parametrize(
    "arguments",
    [
        "", "frob --uri content://sms", "query", "query --uri content://nobody/x", "query --uri http://sms", "query --uri content://sms/what",
        "query --uri content://sms --where 'no such column'", "query --uri content://sms --where \"1); DROP TABLE sms; --\"",
        "query --uri content://sms --projection \"_id FROM sms; DELETE FROM sms\"", "insert --uri content://sms --bind nonsense",
        "query --uri content://settings/system --where \"1 UNION SELECT 1\"", "update --uri content://media/external/file --bind a:s:b",
        "query --uri content://settings/system --where \"(WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x+1 FROM n) SELECT 1 FROM n)\"",
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(empty: PhoneShell, arguments: str) -> None:
    ran = empty(f"content {arguments}")
    assert ran.code != 0
    assert ran.err
    assert "internal error" not in ran.err
    assert "sms" in empty.ok('sqlite3 /data/data/com.android.providers.telephony/databases/mmssms.db ".tables"')
