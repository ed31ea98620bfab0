"""A program that takes the Android emulator's command line and has a simulated phone for its device. `tests/fake_sdk.py` puts it in an SDK.

It does what callers of the emulator rely on: it keeps several of them from writing to one virtual device, reports to the adb server that
ANDROID_ADB_SERVER_PORT names, boots slowly and with a dialog in the way, and has a console with a token. What it was told is recorded.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from handeye.tools.geometry import Size
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions

VARIABLES = ("ANDROID_ADB_SERVER_PORT", "ANDROID_HOME", "ANDROID_SDK_ROOT", "ADB_SERVER_SOCKET")
GREETING = "Android Console: Authentication required\r\nAndroid Console: type 'auth <auth_token>' to authenticate\r\nOK\r\n"


def record(**what: Any) -> None:
    with open(os.environ["FAKE_EMULATOR_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps({"pid": os.getpid(), **what}) + "\n")


class FakeEmulator:
    def __init__(self, arguments: list[str]) -> None:
        self.told = arguments
        self.read_only = "-read-only" in arguments
        self.folder = Path(os.environ["ANDROID_AVD_HOME"]) / f"{self.after('-avd')}.avd"
        self.over = threading.Event()

    def after(self, flag: str) -> str:
        return self.told[self.told.index(flag) + 1] if flag in self.told else ""

    def run(self) -> int:
        if not self.folder.is_dir():
            print(f"ERROR   | Unknown AVD name [{self.after('-avd')}], use -list-avds to see valid list.")
            return 1
        if (trouble := self.folder / "trouble").is_file():
            print(trouble.read_text())
            return 1
        lock = open(self.folder / "multiinstance.lock", "w")  # noqa: SIM115 - it is held until the end
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if self.read_only else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            print("ERROR   | Running multiple emulators with the same AVD is an experimental feature. Use -read-only to enable it.")
            return 1
        console_port, adb_port = map(int, self.after("-ports").split(","))
        with SimPhones(1, PhoneOptions(size=Size(360, 800), density=160, port=adb_port)) as self.phones:
            self.boot()
            console = socket.create_server(("127.0.0.1", console_port))
            threading.Thread(target=self.listen, args=(console,), daemon=True).start()
            if not (self.folder / "silent").is_file():
                self.report(adb_port)
            self.over.wait()
        return 0

    def boot(self) -> None:
        if (self.folder / "slow").is_file():
            self.phone("setprop sys.boot_completed 0; am start -n com.android.settings/.Settings; simphone crash com.android.settings")
            threading.Timer(1.0, self.phone, ("setprop sys.boot_completed 1",)).start()
        if (self.folder / "mute").is_file():
            self.phone("setprop sys.boot_completed 0")
        if self.after("-snapshot") in self.saved():
            self.phone("settings put global loaded_from_snapshot 1")

    def phone(self, script: str) -> str:
        done = self.phones.run(self.phones.serials[0], script)
        return done.stderr.decode() if done.returncode else ""

    def saved(self) -> set[str]:
        return {path.parent.name for path in self.folder.glob("snapshots/*/snapshot.pb")}

    def report(self, adb_port: int) -> None:
        request = f"host:emulator:{adb_port}".encode()
        with socket.create_connection(("127.0.0.1", int(os.environ["ANDROID_ADB_SERVER_PORT"]))) as server:
            server.sendall(b"%04x" % len(request) + request)
            server.recv(1)

    def listen(self, console: socket.socket) -> None:
        while True:
            connection, _ = console.accept()
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        token = (Path(os.environ["FAKE_EMULATOR_HOME"]) / ".emulator_console_auth_token").read_text().strip()
        trusted = False
        with connection, connection.makefile("r", encoding="utf-8") as lines:
            connection.sendall(GREETING.encode())
            for line in lines:
                words = line.split()
                if words[:1] == ["quit"]:
                    return
                if words[:1] == ["auth"]:
                    trusted = secrets.compare_digest(words[-1], token)
                    said = "OK" if trusted else "KO: authentication token does not match"
                else:
                    record(console=" ".join(words))
                    said = self.answer(words) if trusted else "KO: unknown command, try 'help'"
                connection.sendall(f"{said}\r\n".encode())

    def answer(self, words: list[str]) -> str:
        match words:
            case ["kill"]:
                self.over.set()
                return "OK: killing emulator, bye bye"
            case ["avd", "snapshot", "save", name]:
                if self.read_only:
                    return "KO: snapshot save is not available in read-only mode"
                (folder := self.folder / "snapshots" / name).mkdir(parents=True, exist_ok=True)
                (folder / "snapshot.pb").touch()
                return "OK"
            case ["avd", "snapshot", "load", name]:
                if (trait := self.folder / "dies").is_file():
                    trait.unlink()
                    os._exit(139)
                if name not in self.saved():
                    return f"KO: no snapshot {name}"
                return f"KO: {said}" if (said := self.phone("simphone reset")) else "OK"
            case ["sms", "send", number, *text]:
                return f"KO: {said}" if (said := self.phone(f"simphone sms {number} {shlex.quote(' '.join(text))}")) else "OK"
            case ["gsm", "call", number]:
                return f"KO: {said}" if (said := self.phone(f"simphone call {number}")) else "OK"
        return "KO: unknown command, try 'help'"


def main() -> int:
    arguments = sys.argv[1:]
    os.environ["FAKE_EMULATOR_HOME"], os.environ["HOME"] = os.environ["HOME"], os.environ.get("FAKE_REAL_HOME", os.environ["HOME"])
    record(argv=arguments, environment={name: os.environ[name] for name in VARIABLES if name in os.environ})
    if arguments == ["-version"]:
        print("INFO    | Android emulator version 35.1.4.0 (build_id 11672324) (CL:N/A)")
        return 0
    if arguments == ["-accel-check"]:
        print("accel:\n0\nKVM (version 12) is installed and usable.\naccel")
        return 0
    emulator = FakeEmulator(arguments)
    signal.signal(signal.SIGTERM, lambda *_: emulator.over.set())
    return emulator.run()


if __name__ == "__main__":
    sys.exit(main())
