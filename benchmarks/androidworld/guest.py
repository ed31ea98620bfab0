"""Runs inside AndroidWorld's own Python: its tasks against a device that is reached through adb alone.

A script, not a module: it needs nothing of handeye. It reads requests as lines of JSON from standard input and answers each with one
line on standard output; whatever else is printed goes to standard error. Requests (`host.py` sends them):

    {"do": "list"}                                   -> {"tasks": {name: steps}}
    {"do": "init", "task": NAME, "seed": N}          -> {"goal": text, "params": {...}, "template": text}
    {"do": "answer", "text": text}                   -> {}: what the agent answered, which some tasks score
    {"do": "score"}                                  -> {"score": 0.0 to 1.0}
    {"do": "teardown"}                               -> {}
    {"do": "shell", "command": text}                 -> {"output": text}
    {"do": "apps"}                                   -> {"apps": [names]}: those that its first-time setup installs and prepares
    {"do": "setup", "app": NAME}                     -> {"warnings": [texts]}: what has to be done by hand
    {"do": "quit"}                                   -> {}, and it ends

A request that fails is answered with {"error": text, "kind": name of the exception}.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import traceback
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

PROTO_PACKAGE = "android_world.task_evals.information_retrieval.proto"
PROTOS = ("state.proto", "task.proto")


def protocol_stream() -> TextIO:
    """Standard output for answers only; what the libraries print goes to standard error from now on."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return stream


def compile_protos(checkout: Path, folder: Path) -> None:
    """Make the two protocol-buffer modules that the checkout lacks, in `folder`; the checkout stays as it is."""
    package = importlib.import_module(PROTO_PACKAGE)
    if all((checkout / PROTO_PACKAGE.replace(".", "/") / f"{name.removesuffix('.proto')}_pb2.py").exists() for name in PROTOS):
        return
    protoc = importlib.import_module("grpc_tools.protoc")
    inside = Path(str(importlib.import_module("grpc_tools").__file__)).parent / "_proto"
    source = PROTO_PACKAGE.replace(".", "/")
    arguments = ["protoc", f"--proto_path={checkout}", f"--proto_path={inside}", f"--python_out={folder}"]
    if protoc.main([*arguments, *(f"{source}/{name}" for name in PROTOS)]):
        raise RuntimeError("grpcio-tools cannot compile AndroidWorld's protos")
    package.__path__.append(str(folder / source))


def make_controller(adb: str, port: int, serial: str) -> Any:
    """AndroidWorld's controller over a device that only adb reaches."""
    components = "android_env.components"
    adb_controller = importlib.import_module(f"{components}.adb_controller")
    parser = importlib.import_module(f"{components}.adb_call_parser")
    config = importlib.import_module(f"{components}.config_classes")
    world = importlib.import_module("android_world.env.android_world_controller")

    class Device:
        """What stands in for the emulator's gRPC: it takes adb requests. A simulated phone's own program does what a console does."""

        def __init__(self) -> None:
            settings = config.AdbControllerConfig(adb_path=adb, adb_server_port=port, device_name=serial)
            control = adb_controller.AdbController(settings)

            def come_back(timeout: float | None = None) -> None:
                again = ["connect", serial] if ":" in serial else ["-s", serial, "wait-for-device"]
                with contextlib.suppress(subprocess.TimeoutExpired):
                    prefix = control.command_prefix(include_device_name=False)
                    subprocess.run([*prefix, *again], capture_output=True, timeout=min(timeout or 30, 30), check=False)

            # After a command that failed it kills the adb server, which may be the user's, and a device on TCP would be lost.
            control._restart_server = come_back
            self._parser = parser.AdbCallParser(control)

        def execute_adb_call(self, request: Any) -> Any:
            """Run a request, with the answer that android_env gives."""
            words = list(request.generic.args)
            if words[:1] == ["emu"] and not serial.startswith("emulator-"):
                request = type(request)()
                request.generic.args.extend(console_command(words))
            return self._parser.parse(request)

        def close(self) -> None:
            """Nothing is held."""

    return world.AndroidWorldController(Device(), a11y_method=world.A11yMethod.UIAUTOMATOR)


def console_command(words: list[str]) -> list[str]:
    """What `adb emu …` asks of an emulator, as a command of the simulated phone. Raises `ValueError` for what it does not have."""
    quoted = ["'" + word.replace("'", "'\\''") + "'" for word in words]
    match words[1:3]:
        case ["sms", "send"]:
            return ["shell", "simphone", "sms", quoted[3], quoted[4]]
        case ["gsm", "call"]:
            return ["shell", "simphone", "call", quoted[3]]
    raise ValueError(f"the simulated phone has no emulator console for {' '.join(words)}")


def make_environment(controller: Any) -> Any:
    """AndroidWorld's environment over that controller: pixels and elements come from adb's screencap and uiautomator."""
    interface = importlib.import_module("android_world.env.interface")
    adb_utils = importlib.import_module("android_world.env.adb_utils")
    representation = importlib.import_module("android_world.env.representation_utils")
    numpy = importlib.import_module("numpy")

    environment = interface.AsyncAndroidEnv(controller)

    def state() -> Any:
        raw = adb_utils.issue_generic_request(["exec-out", "screencap"], controller).generic.output
        width, height = (int.from_bytes(raw[at : at + 4], "little") for at in (0, 4))
        frame = numpy.frombuffer(raw[len(raw) - 4 * width * height :], numpy.uint8).reshape(height, width, 4)[..., :3]
        xml = adb_utils.uiautomator_dump(controller)
        return interface.State(frame, forest_of(xml), representation.xml_dump_to_ui_elements(xml))

    def reset(go_home: bool = False) -> Any:
        if go_home:
            adb_utils.press_home_button(controller)
        environment.interaction_cache = ""
        return state()

    environment._get_state = state
    environment.reset = reset
    return environment


def forest_of(xml: str) -> Any:
    """uiautomator's tree as the accessibility forest that some evaluators read."""
    proto = importlib.import_module("android_env.proto.a11y.android_accessibility_forest_pb2")
    forest = proto.AndroidAccessibilityForest()
    nodes = forest.windows.add().tree.nodes

    def add(element: ElementTree.Element) -> int:
        attributes, node = element.attrib, nodes.add()
        number = node.unique_id = len(nodes) - 1
        for field, name in (("text", "text"), ("content_description", "content-desc"), ("class_name", "class"), ("package_name", "package"),
                            ("hint_text", "hint"), ("view_id_resource_name", "resource-id")):  # fmt: skip
            setattr(node, field, attributes.get(name, ""))
        for field in ("checkable", "checked", "clickable", "enabled", "focusable", "focused", "scrollable", "selected"):
            setattr(node, f"is_{field}", attributes.get(field) == "true")
        node.is_editable = attributes.get("class", "").endswith("EditText")
        node.is_visible_to_user = True
        edges = attributes.get("bounds", "[0,0][0,0]").strip("[]").replace("][", ",").split(",")
        for side, edge in zip(("left", "top", "right", "bottom"), edges, strict=True):
            setattr(node.bounds_in_screen, side, int(edge))
        children = [add(child) for child in element]
        nodes[number].child_ids.extend(children)
        return number

    for root in ElementTree.fromstring(xml):
        add(root)
    return forest


class Guest:
    """The tasks, and the one that is under way."""

    def __init__(self, environment: Any) -> None:
        registry = importlib.import_module("android_world.registry").TaskRegistry()
        self._environment = environment
        self._classes: dict[str, Any] = dict(registry.get_registry("android_world"))
        self._task: Any = None

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """Every task with the number of steps that AndroidWorld gives it."""
        return {
            "tasks": {
                name: int(10 * (kind.complexity or 1)) for name, kind in self._classes.items() if isinstance(kind.complexity, (int, float))
            }
        }

    def init(self, request: dict[str, Any]) -> dict[str, Any]:
        """Draw the task's parameters by the seed, as AndroidWorld's suite does, and prepare the device."""
        kind = self._classes[request["task"]]
        random.seed(request["seed"])
        given = request.get("params")
        parameters = {**(kind.generate_random_params() if given is None else given), "seed": request["seed"]}
        self._go_home()
        self._task = kind(parameters)
        self._task.initialize_task(self._environment)
        if self._task.start_on_home_screen:
            self._go_home()
        shown = {name: value for name, value in parameters.items() if isinstance(value, (str, int, float, bool, list))}
        return {"goal": self._task.goal, "params": json.loads(json.dumps(shown, default=str)), "template": self._task.template}

    def _go_home(self) -> None:
        """What AndroidWorld's runner does before an episode, without the look at the screen that belongs to it."""
        importlib.import_module("android_world.env.adb_utils").press_home_button(self._environment.controller)
        self._environment.interaction_cache = ""

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Keep the agent's answer where the tasks that are questions look for it."""
        self._environment.interaction_cache = request["text"]
        return {}

    def score(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the task's own `is_successful` says now."""
        return {"score": float(self._task.is_successful(self._environment))}

    def teardown(self, request: dict[str, Any]) -> dict[str, Any]:
        """The task's own `tear_down`."""
        task, self._task = self._task, None
        if task is not None:
            task.tear_down(self._environment)
        return {}

    def apps(self, request: dict[str, Any]) -> dict[str, Any]:
        """What AndroidWorld's first-time setup installs and prepares, after what it does before the first of them."""
        adb_utils = importlib.import_module("android_world.env.adb_utils")
        self._go_home()
        adb_utils.set_root_if_needed(self._environment.controller)
        return {"apps": list(self._apps())}

    def setup(self, request: dict[str, Any]) -> dict[str, Any]:
        """Install an app, from a public bucket unless it was downloaded before, prepare it, and keep its data for every task to come."""
        setup = importlib.import_module("android_world.env.setup_device.setup")
        app = self._apps()[request["app"]]
        with warnings_of("absl") as warnings:
            setup.maybe_install_app(app, self._environment)
            setup.setup_app(app, self._environment)
        return {"warnings": warnings}

    def _apps(self) -> dict[str, Any]:
        setup = importlib.import_module("android_world.env.setup_device.setup")
        return {app.app_name: app for app in setup._APPS}

    def shell(self, request: dict[str, Any]) -> dict[str, Any]:
        """A command on the device."""
        adb_utils = importlib.import_module("android_world.env.adb_utils")
        answer = adb_utils.issue_generic_request(["shell", request["command"]], self._environment.controller)
        return {"output": answer.generic.output.decode("utf-8", "replace")}


@contextlib.contextmanager
def warnings_of(name: str) -> Iterator[list[str]]:
    """What a logger warns of meanwhile: what AndroidWorld's setup cannot do it says there and nowhere else."""
    said: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(" ".join(record.getMessage().split())[:2000])

    keeper = Keeper(logging.WARNING)
    logger = logging.getLogger(name)
    logger.addHandler(keeper)
    try:
        yield said
    finally:
        logger.removeHandler(keeper)


def serve(guest: Guest, stream: TextIO) -> None:
    """Answer requests until there are no more."""
    actions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "list": guest.list, "init": guest.init, "answer": guest.answer, "score": guest.score,
        "teardown": guest.teardown, "shell": guest.shell, "apps": guest.apps, "setup": guest.setup,
    }  # fmt: skip
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "quit":
            answer(stream, {})
            return
        try:
            reply = actions[request["do"]](request)
        except Exception as error:  # noqa: BLE001 - a task's code may raise anything, and the host wants to know what
            traceback.print_exc()
            reply = {"error": str(error)[:2000], "kind": type(error).__name__}
        answer(stream, reply)


def answer(stream: TextIO, reply: dict[str, Any]) -> None:
    """One line."""
    json.dump(reply, stream)
    stream.write("\n")
    stream.flush()


def main() -> int:
    """Serve one device. The exit code is 2 when the checkout is not AndroidWorld's, or its packages are missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--android-world", required=True, type=Path, help="checkout of google-research/android_world")
    parser.add_argument("--adb", required=True, help="the adb program")
    parser.add_argument("--port", required=True, type=int, help="port of the adb server")
    parser.add_argument("--serial", required=True, help="the device")
    given = parser.parse_args()
    stream = protocol_stream()
    sys.path.insert(0, str(given.android_world))
    with tempfile.TemporaryDirectory() as folder:
        try:
            compile_protos(given.android_world, Path(folder))
            guest = Guest(make_environment(make_controller(given.adb, given.port, given.serial)))
        except (ImportError, AttributeError, RuntimeError) as error:
            traceback.print_exc()
            answer(stream, {"error": f"{error}", "kind": type(error).__name__})
            return 2
        answer(stream, {"ready": True})
        serve(guest, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main())
