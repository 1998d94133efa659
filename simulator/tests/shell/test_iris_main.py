# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`iris-main` as the first process of a container, here of an embedded node."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.patience import PATIENCE

from irissim.shell.agent_check import can_connect
from irissim.shell.main_options import arbiter_port, parser
from irissim.shell.settings import NodeSettings


class Container:
    """A run of iris-main and what it printed."""

    def __init__(self, node: Any, output: Path, *arguments: str) -> None:
        self._output = output
        agent = ("--ISCAgentPort", str(node.agent_port)) if "--ISCAgentPort" not in arguments else ()
        with output.open("wb") as stream:
            self.process = subprocess.Popen(
                [str(node.home / "bin" / "iris-main"), "--check-caps", "false", *agent, *arguments],
                stdout=stream,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8")

    def stop(self) -> int:
        """As `docker stop` does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture
def node(make_node: Callable[..., Any]) -> Any:
    return make_node("mirrorA")


@pytest.fixture
def run(node: Any, tmp_path: Path) -> Iterator[Callable[..., Container]]:
    containers: list[Container] = []

    def start(*arguments: str) -> Container:
        containers.append(Container(node, tmp_path / f"output{len(containers)}", *arguments))
        return containers[-1]

    yield start
    for container in containers:
        container.stop()


def test_a_life_of_a_container(
    node: Any, run: Callable[..., Container], wait_for: Callable[..., None], licence: str, tmp_path: Path
) -> None:
    marks = [tmp_path / name for name in ("before", "after", "exit")]
    container = run(
        "--key", licence, "-b", f"touch {marks[0]}", "-a", f"{node.home}/bin/iris qlist > {marks[1]}",
        "-e", f"touch {marks[2]}",
    )  # fmt: skip
    wait_for(lambda: marks[1].exists() and marks[1].read_text(encoding="utf-8").endswith("\n"))
    assert "SIMULATOR" in container.output
    assert marks[0].exists()
    assert "^running, since" in marks[1].read_text(encoding="utf-8")
    assert (node.home / "mgr" / "iris.key").read_text(encoding="utf-8") == Path(licence).read_text(encoding="utf-8")
    wait_for(lambda: "[Generic.Event] IRIS is up" in container.output)
    order = [container.output.index(text) for text in ("startISCAgent.sh", "Starting InterSystems IRIS", "IRIS is up")]
    assert order == sorted(order)
    node.session("set ^Durable=1")
    assert container.stop() == 0
    assert marks[2].exists()
    assert "IRIS is down" in container.output

    again = run()
    wait_for(lambda: "IRIS is up" in again.output)
    assert "IRIS is down" not in again.output
    assert node.value("^Durable") == "1"


def test_a_command_after_the_start_that_fails_ends_the_container(run: Callable[..., Container], node: Any) -> None:
    container = run("-a", "exit 1")
    assert container.process.wait(PATIENCE) == 1
    assert '[ERROR] Command "exit 1" exited with status 256' in container.output
    assert node.iris("qlist", "IRIS").stdout.split("^")[3].startswith("down")


@pytest.fixture
def merge_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the environment of the container names."""
    file = tmp_path / "merge.cpf"
    monkeypatch.setenv("ISC_CPF_MERGE_FILE", str(file))
    return file


def test_the_merge_comes_after_before_and_before_after(
    node: Any, run: Callable[..., Container], wait_for: Callable[..., None], merge_file: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    ask = f'{node.home}/bin/iris session IRIS -U APP "##class(%SYSTEM.Status).OK()" && touch {mark}'
    actions = "[Actions]\\nCreateNamespace:Name=APP,Globals=USER\\n"
    container = run("-b", f"printf '{actions}' > {merge_file}", "-a", ask)
    wait_for(lambda: mark.exists() or container.process.poll() is not None)
    assert mark.exists(), container.output
    words = (f"Executing command printf '{actions}'", "Starting InterSystems IRIS", f"IRIS Merge of {merge_file}")
    order = [container.output.index(text) for text in (*words, f"Executing command {node.home}/bin/iris session")]
    assert order == sorted(order)
    assert container.stop() == 0

    # The file is read at each start, and what is there is left alone.
    again = run("-a", f"rm {mark}")
    wait_for(lambda: not mark.exists())
    assert "IRIS Merge completed successfully" in again.output
    assert node.messages.count("Merge: CreateNamespace APP") == 1


def test_a_merge_file_that_cannot_be_read_ends_the_container(
    node: Any, run: Callable[..., Container], merge_file: Path, tmp_path: Path
) -> None:
    merge_file.write_text("[Actions]\nCreateNamespaze:Name=APP\n", encoding="utf-8")
    container = run("-a", f"touch {tmp_path / 'mark'}")
    assert container.process.wait(PATIENCE) == 1
    assert f"{merge_file}: line 2: there is no action CreateNamespaze" in container.output
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", " does not exist, the startup continues without it"),
        ("[Actions]\nCreateNamespace:Name=APP,Globals=NONE\n", ": line 2: CreateNamespace APP: ERROR #420"),
    ],
    ids=["no file", "an action that fails"],
)
def test_a_container_survives_a_merge_that_does_nothing(
    run: Callable[..., Container],
    wait_for: Callable[..., None],
    merge_file: Path,
    tmp_path: Path,
    text: str,
    message: str,
) -> None:
    if text:
        merge_file.write_text(text, encoding="utf-8")
    container = run("-a", f"touch {tmp_path / 'mark'}")
    wait_for((tmp_path / "mark").exists)
    assert f"{merge_file}{message}" in container.output
    assert container.process.poll() is None


def test_a_password_file_changes_the_passwords_once(
    node: Any, run: Callable[..., Container], wait_for: Callable[..., None], tmp_path: Path
) -> None:
    secret, given = "correct horse battery", tmp_path / "password.txt"
    given.write_text(f"{secret}\nanother line\n", encoding="utf-8")
    done = tmp_path / "done"
    container = run("--password-file", str(given), "-a", f"touch {done}")
    wait_for(done.exists)
    assert not given.exists()
    table = json.loads((node.home / "mgr" / "security-users.json").read_text(encoding="utf-8"))["users"]
    changed = {name for name, record in table.items() if record.get("PasswordHash")}
    assert {"_SYSTEM", "SuperUser", "Admin", "CSPSystem"} <= changed
    assert not changed & {"_PUBLIC", "UnknownUser"}
    node.session(
        'do ##class(Security.Services).Get("%Service_Terminal",.p)',
        'set p("AutheEnabled")=32 do ##class(Security.Services).Modify("%Service_Terminal",.p)',
    )
    logged_in = node.iris("session", "IRIS", given=f"_SYSTEM\n{secret}\nwrite $username\nhalt\n")
    assert "USER>_SYSTEM" in logged_in.stdout
    assert secret not in container.output + node.messages + json.dumps(table) + logged_in.stdout
    assert container.stop() == 0
    # The sentinel keeps a file that comes back (a secret that is mounted again) from being used.
    given.write_text("another password\n", encoding="utf-8")
    done.unlink()
    again = run("-p", str(given), "-a", f"touch {done}")
    wait_for(done.exists)
    assert given.exists()
    assert "was changed before" in again.output


@pytest.mark.parametrize("content", [None, "", "ab\n"])
def test_a_password_file_that_cannot_be_used_ends_the_container(
    run: Callable[..., Container], tmp_path: Path, content: str | None
) -> None:
    given = tmp_path / "password.txt"
    if content is not None:
        given.write_text(content, encoding="utf-8")
    container = run("-p", str(given))
    assert container.process.wait(PATIENCE) == 1
    assert "ERROR #" in container.output
    assert "the password could not be changed" in container.output
    assert given.exists() == (content is not None)


def test_a_missing_key_ends_the_container(run: Callable[..., Container]) -> None:
    container = run("--key", "/nowhere/iris.key")
    assert container.process.wait(PATIENCE) == 1
    assert "/nowhere/iris.key not found" in container.output


def test_a_new_key_is_copied_while_the_container_runs(
    node: Any, run: Callable[..., Container], wait_for: Callable[..., None], tmp_path: Path
) -> None:
    key = tmp_path / "iris.key"
    key.write_text("first\n", encoding="utf-8")
    run("--key", str(key), "--up", "false")
    copied = node.home / "mgr" / "iris.key"
    wait_for(copied.exists)
    key.write_text("second\n", encoding="utf-8")
    wait_for(lambda: copied.read_text(encoding="utf-8") == "second\n")


def test_a_stop_request_during_the_start_is_heard(run: Callable[..., Container], wait_for: Callable[..., None]) -> None:
    container = run("-b", "sleep 1000")
    wait_for(lambda: "sleep 1000" in container.output)
    assert container.stop() == 0


def test_a_used_agent_port_is_reported_and_the_instance_runs(
    node: Any, run: Callable[..., Container], wait_for: Callable[..., None]
) -> None:
    container = run("--ISCAgentPort", str(node.superserver_port), "--up", "false")
    wait_for(lambda: "Starting ApplicationServer" in container.output)
    other = run("--ISCAgentPort", str(node.superserver_port), "--up", "false")
    wait_for(lambda: "Failed to start ApplicationServer" in other.output)


def test_the_owner_can_start_the_agent(node: Any, wait_for: Callable[..., None]) -> None:
    script = str(node.home / "irissys" / "ISCAgentUser")
    assert subprocess.run([script, "wait"], check=False, capture_output=True).returncode == 1
    agent = subprocess.Popen([script, "start"], stdout=subprocess.DEVNULL)
    wait_for(lambda: can_connect("127.0.0.1", node.agent_port))
    agent.terminate()
    assert agent.wait(PATIENCE) == 0


def test_an_arbiter_runs_the_agent_until_it_is_stopped(
    make_node: Callable[..., Any], tmp_path: Path, wait_for: Callable[..., None]
) -> None:
    node = make_node("arbiter", "--arbiter")
    with (tmp_path / "out").open("wb") as stream:
        process = subprocess.Popen(
            [str(node.home / "bin" / "iris-main"), f"/usr/local/etc/irissys/startISCAgent.sh {node.agent_port}"],
            stdout=stream,
        )
    health = [str(node.home / "bin" / "irisHealth.sh")]
    wait_for(lambda: subprocess.run(health, check=False).returncode == 0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    ("arguments", "role", "port"),
    [
        (["/usr/local/etc/irissys/startISCAgent.sh 2188"], "iris", 2188),
        (["/usr/local/etc/irissys/startISCAgent.sh", "2189"], "iris", 2189),
        (["startISCAgent.sh"], "iris", 2188),
        ([], "arbiter", 2188),
        (["-p", "2190"], "arbiter", 2190),
        (["--ISCAgentPort=2191"], "arbiter", 2191),
        (["--check-caps", "false"], "arbiter", 2188),
        ([], "iris", None),
        (["--check-caps", "false", "--key", "k"], "iris", None),
    ],
)
def test_who_is_an_arbiter(arguments: list[str], role: str, port: int | None) -> None:
    assert arbiter_port(arguments, role) == port


def test_the_options_of_the_article_are_understood() -> None:
    options = parser().parse_args(
        ["--check-caps", "false", "--key", "/install/iris.key", "-a", "/install/installer.sh"]
    )
    assert options.check_caps is False
    assert options.after == "/install/installer.sh"
    assert (options.up, options.down, options.ISCAgent) == (True, True, True)
    # No port of its own: the agent of the node listens on 2188 unless the node says otherwise
    assert (options.ISCAgentPort, NodeSettings(Path("/usr/irissys"), Path("/r"), "n").agent_port) == (None, 2188)


@pytest.mark.parametrize("arguments", [["--check-caps", "maybe"], ["--unknown"], ["--ISCAgentPort", "x"]])
def test_bad_options_end_the_container(arguments: list[str]) -> None:
    with pytest.raises((SystemExit, argparse.ArgumentError)):
        parser().parse_args(arguments)
