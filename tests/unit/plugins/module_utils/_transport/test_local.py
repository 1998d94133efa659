# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands and files of the host itself, with a small program in the place of `iris`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Version
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read
from ansible_collections.irisops.mirror.plugins.module_utils._transport.base import FileStream
from ansible_collections.irisops.mirror.plugins.module_utils._transport.local import LocalTransport

IRIS = """\
import sys
program = sys.stdin.buffer.read().decode()
if sys.argv[1:] != ["session", "IRIS", "-U", "%SYS"]:
    sys.stderr.write("no instance " + sys.argv[2])
    sys.exit(1)
assert program.endswith("halt\\n"), program
sys.stdout.buffer.write(b"Node: x\\xe4\\r\\n%SYS>")
sys.stdout.write('\\x02{"id":1,"ok":1,"item":0,"value":{"v":"2024.1"}}\\x03%SYS>\\x02{"end":1}\\x03')
"""


@pytest.fixture
def iris(tmp_path: Path) -> str:
    path = tmp_path / "iris"
    path.write_text(f"#!{sys.executable}\n{IRIS}")
    path.chmod(0o755)
    return str(path)


def test_a_program_reaches_iris_and_its_answer_comes_back(iris: str) -> None:
    session = Session(LocalTransport("host"), executable=iris)
    assert session.run(Program(Read("it", {"v": Version()}))).value("it", "v") == "2024.1"


def test_a_wrong_instance(iris: str) -> None:
    result = LocalTransport("host").execute([iris, "session", "NOPE", "-U", "%SYS"], "halt\n", 10)
    assert (result.rc, result.stderr) == (1, "no instance NOPE")


def test_commands_that_cannot_run(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("no program")
    for argv, limit, code in (
        (["/nonexistent/iris"], 5, "command_not_found"),
        ([str(plain)], 5, "command_failed"),
        (
            [sys.executable, "-c", "import sys; sys.stdin.read(); import threading; threading.Event().wait()"],
            0.5,
            "session_timeout",
        ),
    ):
        with pytest.raises(TransportError) as raised:
            LocalTransport("host").execute(argv, "", limit)
        assert (raised.value.code, raised.value.node) == (code, "host")


def test_files_move_with_their_mode(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"x" * 3_000_000)
    source.chmod(0o640)
    transport = LocalTransport("host")
    stream = transport.open_file(str(source))
    assert stream.size == 3_000_000
    transport.write_file(str(target), stream)
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_mode & 0o7777 == 0o640
    assert (target.stat().st_uid, target.stat().st_gid) == (tmp_path.stat().st_uid, tmp_path.stat().st_gid)


@pytest.mark.parametrize("content", [b"123", b"1234567890123"])
def test_a_file_that_changes_its_size_is_never_taken_for_whole(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TransportError) as raised:
        LocalTransport("host").write_file(str(tmp_path / "b"), FileStream(10, 0o600, iter([content])))
    assert raised.value.code == "file_not_writable"
    assert "changed while it was read" in raised.value.message


def test_files_that_are_not_there(tmp_path: Path) -> None:
    transport = LocalTransport("host")
    with pytest.raises(TransportError) as raised:
        transport.open_file(str(tmp_path / "nope"))
    assert raised.value.code == "file_not_readable"
    with pytest.raises(TransportError) as raised:
        transport.write_file(str(tmp_path / "no" / "x"), FileStream(1, 0o600, iter([b"1"])))
    assert raised.value.code == "file_not_writable"


ECHO = """\
import sys
for line in sys.stdin.buffer:
    sys.stdout.buffer.write(line.upper())
    sys.stdout.buffer.flush()
"""


def test_talking_to_a_command() -> None:
    pipe = LocalTransport("host").open_pipe([sys.executable, "-c", ECHO])
    for text in ("one\n", "two \u20ac\n"):
        pipe.send(text)
        heard = ""
        while not heard.endswith("\n"):
            heard += pipe.receive()
        assert heard == text.upper()
    pipe.close()
    assert pipe.receive() == ""


def test_a_command_that_has_ended() -> None:
    pipe = LocalTransport("host").open_pipe([sys.executable, "-c", "print('bye')"])
    heard = "".join(iter(pipe.receive, ""))
    assert heard.strip() == "bye"
    pipe.close()
    with pytest.raises(TransportError) as raised:
        pipe.send("x")
    assert raised.value.code == "session_lost"


def test_a_command_to_talk_to_that_is_not_there() -> None:
    with pytest.raises(TransportError) as raised:
        LocalTransport("host").open_pipe(["/nonexistent/iris"])
    assert raised.value.code == "command_not_found"
