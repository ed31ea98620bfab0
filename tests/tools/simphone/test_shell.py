"""The phone's shell: what scripts give, as mksh and toybox have it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.tools.simphone.shell.parser import parse
from handeye.tools.simphone.shell.syntax import SyntaxFault
from tests.tools.simphone.phones import ScreenlessPhone, shell

# ruff: noqa: E501  the scripts below are one line each


def parses(text: str) -> bool:
    """Whether a script is one; anything but a syntax error is raised."""
    try:
        parse(text)
    except SyntaxFault:
        return False
    return True


CASES = [
    (r"echo 'it'\''s' \"q\" a\ b $HOME \$HOME", 'it\'s "q" a b / $HOME\n'),
    ('a=1; b=${a}2; echo $b ${c:-def} ${b%2} ${#b} $((b*2+1))', "12 def 1 2 25\n"),
    ("f=a.tar.gz; echo ${f##*.} ${f%%.*} ${f#*.} ${f/tar/zip}", "gz a tar.gz a.zip.gz\n"),
    ("(cd /sdcard/Download; pwd); pwd", "/storage/emulated/0/Download\n/\n"),
    ("false || echo no && echo yes; ! false; echo $?", "no\nyes\n0\n"),
    ('x=$(echo a; echo b); echo "$x"; echo $x; echo `echo q`', "a\nb\na b\nq\n"),
    ("a='x  y'; for w in $a; do echo \"<$w>\"; done; for w in \"$a\"; do echo \"<$w>\"; done", "<x>\n<y>\n<x  y>\n"),
    ("set -- 'a b' c; for w in \"$@\"; do echo \"<$w>\"; done; echo $# $1; shift; echo $1", "<a b>\n<c>\n2 a b\nc\n"),
    ("cat <<EOF\nhi $HOME\nEOF\necho after", "hi /\nafter\n"),
    ("cat <<'EOF' | grep h\nhi $HOME\nEOF", "hi $HOME\n"),
    ("cat <<< \"one $((1+1))\"", "one 2\n"),
    ("case abc in x|a*) echo A;; *) echo B;; esac", "A\n"),
    ("f() { echo $1 $#; return 3; }; f x y; echo $?", "x 2\n3\n"),
    ("for f in /sdcard/D*; do echo $f; done", "/sdcard/DCIM\n/sdcard/Documents\n/sdcard/Download\n"),
    ("cd /sdcard; for f in *; do echo -n \"$f \"; done", "Alarms Android Audiobooks DCIM Documents Download Movies Music Notifications "
     "Pictures Podcasts Recordings Ringtones "),
    ("i=0; while [ $i -lt 5 ]; do i=$((i+1)); [ $i -eq 2 ] && continue; [ $i -eq 4 ] && break; echo $i; done", "1\n3\n"),
    ("for a in 1 2; do for b in 1 2; do [ $b = 2 ] && continue 2; echo $a$b; done; done", "11\n21\n"),
    ("printf 'a 1\\nb 2\\n' | while read name value; do echo \"$value=$name\"; done", "1=a\n2=b\n"),
    ("if ls /nope 2>/dev/null; then echo y; elif true; then echo z; fi", "z\n"),
    ("ls /nope 2>&1 | grep -c 'No such'", "1\n"),
    ("echo x >/dev/null; echo a > /sdcard/t; echo b >> /sdcard/t; cat < /sdcard/t; { echo c; echo d; } > /sdcard/t; cat /sdcard/t", "a\nb\nc\nd\n"),
    ("export A=1; env | grep '^A='; B=2 env | grep '^B='; echo [$B]", "A=1\nB=2\n[]\n"),
    ("set -e; if false; then :; fi; false || true; false; echo never", ""),
    ("true & wait; echo done", "done\n"),
    ("eval 'x=5; echo $x'; let x=x+2; echo $x $((x > 3 && 1))", "5\n7 1\n"),
    ("sh -c 'echo $1 $#' name arg; su 0 whoami; su -c 'echo hi'", "arg 1\nroot\nhi\n"),
    ("echo 'echo from file $1' > /sdcard/s.sh; sh /sdcard/s.sh x; . /sdcard/s.sh y", "from file x\nfrom file y\n"),
    ("echo $'a\\tb' \"a\\\"b \\$x\" a\\\nb # comment", 'a\tb a"b $x ab\n'),
    ("exec echo e; echo never", "e\n"),
    ("command -v grep; type cd; which ls", "/system/bin/grep\ncd is a shell builtin\n/system/bin/ls\n"),
    ("yes | head -2; seq 3 | tail -1; seq 1 1000000000 | head -1", "y\ny\n3\n1\n"),
    ("timeout 0.05 sleep 5; echo $?", "124\n"),
    ("echo a{b,c{d,e}}f {x} {,y}z \"{q,r}\" $HOME{1,2} {}", "abf acdf acef {x} z yz {q,r} /1 /2 {}\n"),
    ("a=1; a+=2; echo $a; unset a; echo ${a-none}", "12\nnone\n"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "out"), CASES, ids=[script[:40] for script, _ in CASES])
def test_scripts(script: str, out: str) -> None:
    assert shell(script).out == out


PROGRAMS = [
    ("echo -n abc; echo -e 'x\\ty'; printf '%s-%03d|%5s|%x\\n' a 7 r 255 b 8 q 16", "abcx\ty\na-007|    r|ff\nb-008|    q|10\n"),
    ("seq 3 | sort -rn | tr '\\n' ,; printf 'b\\na\\nb\\n' | sort | uniq -c", "3,2,1,      1 a\n      2 b\n"),
    ("printf 'a:b:c\\nd\\n' | cut -d: -f2-; echo abcdef | cut -c2-3,5; echo Hello | tr a-z A-Z; echo aab | tr -d a", "b:c\nd\nbce\nHELLO\nb\n"),
    ("echo hello | sed -e 's/l/L/g' -e 's/^/> /'; seq 5 | sed -n '2,3p;$p'; echo a/b | sed 's#/#|#'", "> heLLo\n2\n3\n5\na|b\n"),
    ("echo 'key: value' | sed -E 's/(.*): (.*)/\\2 \\1/'; echo ab | sed 's/\\(a\\)\\(b\\)/\\2\\1/'", "value key\nba\n"),
    ("printf 'one\\ntwo\\nthree\\n' | grep -n t; echo 'a.b' | grep -F . | grep -o 'a.'; echo abc | grep -qv abc; echo $?", "2:two\n3:three\na.\n1\n"),
    ("echo 'mCurrentFocus=Window{4 u0 a/b}' | grep -E 'mCurrentFocus|mFocusedApp'", "mCurrentFocus=Window{4 u0 a/b}\n"),
    ("printf '1\\n2\\n3\\n4\\n' | grep -A1 2; seq 9 | grep -c '[2-4]'; echo x | grep -w 'x\\|y'", "2\n3\n3\nx\n"),
    ("seq 1 3 | xargs echo n; seq 2 | xargs -n1 echo m; echo a | xargs -I{} echo '<{}>'", "n 1 2 3\nm 1\nm 2\n<a>\n"),
    ("echo hello | base64; echo aGVsbG8K | base64 -d; printf '' | md5sum", "aGVsbG8K\nhello\nd41d8cd98f00b204e9800998ecf8427e  -\n"),
    ("echo hello > /sdcard/h; wc -c /sdcard/h; wc -l < /sdcard/h; head -c 2 /sdcard/h; stat -c '%s %n' /sdcard/h", "6 /sdcard/h\n1\nhe6 /sdcard/h\n"),
    ("mkdir -p /sdcard/a/b; touch /sdcard/a/b/f; find /sdcard/a; find /sdcard/a -type f -name '*f' -exec echo got {} \\;",
     "/sdcard/a\n/sdcard/a/b\n/sdcard/a/b/f\ngot /sdcard/a/b/f\n"),
    ("mkdir -p /sdcard/a/b; touch /sdcard/a/b/f /sdcard/a/g; find /sdcard/a -mindepth 1 -type f -delete; find /sdcard/a -type f -o -type d",
     "/sdcard/a\n/sdcard/a/b\n"),
    ("mkdir /sdcard/a; echo 1 > /sdcard/a/x; cp -a /sdcard/a/. /sdcard/Music/; cp -r /sdcard/a /sdcard/c; mv /sdcard/c/x /sdcard/y; ls /sdcard/Music /sdcard/c; cat /sdcard/y",
     "/sdcard/Music:\nx\n\n/sdcard/c:\n1\n"),
    ("touch -d '2023-10-15 15:34:00' /sdcard/f; chmod 640 /sdcard/f; ls -ll /sdcard/f; ls -l /sdcard/f",
     "-rw-r----- 1 u0_a1 media_rw 0 2023-10-15 15:34:00.000000000 +0000 /sdcard/f\n-rw-r----- 1 u0_a1 media_rw 0 2023-10-15 15:34 /sdcard/f\n"),
    ("date; date 101617042023.30; date +%s; date '+%Y-%m-%d %H:%M:%S'", "Sun Oct 15 15:34:00 UTC 2023\nMon Oct 16 17:04:30 UTC 2023\n1697475870\n2023-10-16 17:04:30\n"),
    ("dd if=/dev/zero bs=4 count=2 2>/dev/null | xxd -p; echo 48690a | xxd -r -p", "0000000000000000\nHi\n"),
    ("basename /a/b.txt .txt; dirname /a/b; realpath /sdcard/../sdcard/x -m; readlink /sdcard", "b\n/a\n/storage/emulated/0/x\n/storage/emulated/0\n"),
    ("test -d /sdcard && [ ! -e /nope ] && [ a != b -a 2 -gt 1 ] && echo yes; [ x -gt 1 ] 2>/dev/null; echo $?", "yes\n2\n"),
    ("expr 2 + 3; expr abc : 'a\\(.\\)'; seq 2 2 6 | tr '\\n' ' '", "5\nb\n2 4 6 "),
    ("sqlite3 /sdcard/x.db \"create table t(a,b); insert into t values(1,'x y'),(2.5,null);\"; sqlite3 -header /sdcard/x.db 'select * from t; select count(*) from t'; "
     "echo 'select a, a from t;' | sqlite3 -csv /sdcard/x.db; sqlite3 /sdcard/x.db .tables",
     "a|b\n1|x y\n2.5|\ncount(*)\n2\n1,1\n2.5,2.5\nt\n"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "out"), PROGRAMS, ids=[script[:40] for script, _ in PROGRAMS])
def test_programs(script: str, out: str) -> None:
    ran = shell(script)
    assert (ran.out, ran.err) == (out, "")


FAILURES = [
    ("nosuch", 127, "/system/bin/sh: nosuch: inaccessible or not found\n"),
    ("/sdcard", 126, "/system/bin/sh: /sdcard: can't execute: Is a directory\n"),
    ("echo x > /nope/x", 1, "/system/bin/sh: can't create /nope/x: No such file or directory\n"),
    ("cat /nope /proc", 1, "cat: /nope: No such file or directory\ncat: /proc: Is a directory\n"),
    ("ls /nope", 1, "ls: /nope: No such file or directory\n"),
    ("rm /sdcard", 1, "rm: /sdcard: Is a directory\n"),
    ("rm -f /nope", 0, ""),
    ("mkdir /sdcard", 1, "mkdir: '/sdcard': File exists\n"),
    ("grep x /nope", 2, "grep: /nope: No such file or directory\n"),
    ("echo abc | grep x", 1, ""),
    ("exit 7", 7, ""),
    ("if true; then", 1, "/system/bin/sh: syntax error: unexpected 'EOF'\n"),
    ("echo )", 1, "/system/bin/sh: syntax error: unexpected ')'\n"),
    ("echo 'open", 1, "/system/bin/sh: no closing quote\n"),
    ("f() { f; }; f", 1, "/system/bin/sh: recurses too deep\n"),
    ("echo {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", 1, "/system/bin/sh: too many words in braces\n"),
    ("echo $((1/0))", 1, "/system/bin/sh: zero divisor\n"),
    ("sqlite3 /sdcard/n.db 'select * from nope'", 1, "Error: no such table: nope\n"),
    ("sqlite3 /sdcard/n.db \"attach '/etc/passwd' as p\"", 1, "Error: not authorized\n"),
    ("printf '%999999d' 1", 1, "printf: field too wide\n"),
    ("head -n x /proc/version", 1, "head: not a number: x\n"),
    ("grep '[' /proc/version", 1, "grep: bad regex '[': missing ]\n"),
    ("cat '/sdcard/a\x00b'", 1, "cat: /sdcard/a\x00b: Invalid argument\n"),
]


@pytest.mark.parametrize(("script", "code", "err"), FAILURES, ids=[script[:40].replace("\x00", "0") for script, _, _ in FAILURES])
def test_failures(script: str, code: int, err: str) -> None:
    ran = shell(script)
    assert (ran.code, ran.err) == (code, err)


def test_what_android_world_sends() -> None:
    """google-research/android_world: utils/file_utils.py, env/adb_utils.py, utils/datetime_utils.py."""
    phone = ScreenlessPhone()
    exists = '\n  if [ {} "{}" ]; then\n      echo "Exists"\n  else\n      echo "Does not exist"\n  fi\n  '
    assert shell(exists.format("-d", "/sdcard/Download"), phone).out == "Exists\n"
    assert shell(exists.format("-f", "/sdcard/Download/my file.txt"), phone).out == "Does not exist\n"
    content = 'it\'s $5 "now"'.replace("'", "'\"'\"'")
    assert shell(f"echo '{content}' > /sdcard/Download/note.md", phone).code == 0
    assert shell("cat /sdcard/Download/note.md", phone).out == 'it\'s $5 "now"\n'
    assert shell(r"touch '/sdcard/Download/a b'; chmod 777 /sdcard/Download/a\ b", phone).code == 0
    listed = shell("ls /sdcard/Download -ll -au", phone).out.splitlines()[-1].split(None, 8)
    assert listed[:3] + listed[5:7] == ["-rw-rw----", "1", "u0_a1", "2023-10-15", "15:34:00.000000000"]
    assert shell("rm -r /sdcard/Download/*", phone).code == 0
    assert shell("ls -1 /sdcard/Download", phone).out == ""
    assert shell("rm -r /sdcard/Download/*", phone).code == 1
    assert shell("restorecon -RD /data/data && chmod 777 -R /data/data", phone).code == 0


def test_unrooted_phones_say_so() -> None:
    phone = ScreenlessPhone()
    phone.state.facts.rooted = False
    assert shell("whoami; id -u; echo $USER", phone).out == "shell\n2000\nshell\n"


def test_files_do_not_outgrow_the_disk() -> None:
    phone = ScreenlessPhone()
    assert "No space left on device" in shell("yes > /sdcard/big", phone).err
    assert phone.state.files.used < 70 << 20
    assert (
        "No space left on device" in shell("i=0; while [ $i -lt 9 ]; do truncate -s 64M /sdcard/$i || break; i=$((i+1)); done", phone).err
    )
    assert shell("x=$(yes); echo ${#x}").code == 0


def test_a_long_script_leaves_the_loop_to_others() -> None:
    """A loop without end can be stopped from outside."""
    with pytest.raises(TimeoutError):
        shell("while :; do :; done", limit_s=0.2)


@given(text=st.text(alphabet="ab '\"\\$(){}`;&|<>#\n!*[]=-0~", max_size=40))
@settings(max_examples=300)
def test_any_text_is_a_script_or_a_syntax_error(text: str) -> None:
    assert parses(text) in (True, False)


@given(
    text=st.lists(
        st.sampled_from("( ) { } if then fi do done while for in case esac ;; ; & | $( ` ' \" << EOF \n a ${ } $(( ))".split(" ")),
        max_size=12,
    )
)
@settings(max_examples=200)
def test_any_heap_of_keywords_is_a_script_or_a_syntax_error(text: list[str]) -> None:
    assert parses(" ".join(text)) in (True, False)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "$(" * 5000, "${a:-" * 5000, "`" * 4999, "if " * 5000, "{ " * 3000, "! " * 5000 + "true", "$((" * 2000]
)
def test_depth_is_a_syntax_error(text: str) -> None:
    assert parses(text) in (True, False)


@given(text=st.text(max_size=30))
@settings(max_examples=50)
def test_quoted_text_arrives_as_it_is(text: str) -> None:
    from shlex import quote

    if "\0" not in text and text.isprintable():
        assert shell(f"printf %s {quote(text)}").out == text
