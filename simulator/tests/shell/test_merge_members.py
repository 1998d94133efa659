# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ConfigMirror on running nodes: TLS and its authorization, reporting members, other versions."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.certificates import Authority, dn
from tests.shell.members import SUCCESS, config_mirror, network

MakeNode = Callable[..., Any]
WaitFor = Callable[..., None]


class Mirror:
    """Nodes on one network; the first is the primary."""

    def __init__(self, make_node: MakeNode, licence: str, directory: Path) -> None:
        self._make = make_node
        self._licence = licence
        self._directory = directory
        self._net = network()
        self.nodes: list[Any] = []

    def node(self, *options: str) -> Any:
        """Another running node."""
        number = len(self.nodes) + 1
        node = self._make(f"NODE{number}", "--key", self._licence, "--bind", f"{self._net}{number}", *options)
        node.tool("start")
        self.nodes.append(node)
        return node

    def merge(self, node: Any, *actions: str) -> tuple[int, str]:
        """`iris merge` of these actions."""
        file = self._directory / f"{node.name}.cpf"
        file.write_text("\n".join(("[Actions]", *actions, "")), encoding="utf-8")
        done = node.iris("merge", "IRIS", str(file))
        return done.returncode, done.stdout

    def configure(self, node: Any, member: str, extra: str = "") -> tuple[int, str]:
        """`iris merge` of ConfigMirror."""
        address = f"{self._net}{self.nodes.index(node) + 1}"
        primary = "localhost" if member == "primary" else f"{self._net}1:{self.nodes[0].agent_port}"
        return self.merge(node, config_mirror(node, address, member, primary, extra))

    @staticmethod
    def database(node: Any) -> str:
        """The action that makes a mirrored database."""
        return f"CreateDatabase:Name=APP,Directory={node.home}/mgr/app,MirrorSetName=DEMO,MirrorDBName=APP"


@pytest.fixture
def mirror(make_node: MakeNode, licence: str, tmp_path: Path) -> Mirror:
    return Mirror(make_node, licence, tmp_path)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def tls_directory(authority: Authority, path: Path) -> Path:
    """What SSLDir is to hold, for a member of that name."""
    path.mkdir()
    issued = authority.issue(path.name)
    for kind, file in issued.items():
        shutil.copyfile(file, path / f"{kind}.pem")
    return path


def test_a_member_with_tls_waits_until_it_is_authorized(
    mirror: Mirror, authority: Authority, wait_for: WaitFor, tmp_path: Path
) -> None:
    a, b = mirror.node(), mirror.node()
    first, second = (tls_directory(authority, tmp_path / name) for name in ("first", "second"))
    assert mirror.configure(a, "primary", f",SSLDir={first}")[0] == 0
    assert a.value("$system.Mirror.GetStatus()") == "PRIMARY"
    assert mirror.merge(a, mirror.database(a))[0] == 0

    code, output = mirror.configure(b, "backup")
    assert (code, "ERROR #2067" in output) == (1, True), "the mirror wants TLS"
    assert "DEMO" not in (b.home / "iris.cpf").read_text(encoding="utf-8")
    # The merge ends without an authorization, which is given after it.
    assert mirror.configure(b, "backup", f",SSLDir={second}")[0] == 0
    assert "Merge: DEMO waits for AuthorizePendingMembers() on the primary" in b.messages
    wait_for(lambda: f"new member {b.name} is pending: {dn('second')}" in a.messages)
    code, output = mirror.merge(b, mirror.database(b))
    assert (code, "line 2: CreateDatabase: the primary of mirror DEMO has not authorized" in output) == (1, True)
    assert mirror.configure(b, "backup", f",SSLDir={second},ArbiterURL=127.0.0.1:1")[0] == 0
    assert b.value("$system.Mirror.GetStatus()") == "WAITING"

    assert a.value(f'##class(SYS.Mirror).AuthorizePendingMembers("{dn("second")}")') == "1"
    wait_for(lambda: b.value("$system.Mirror.GetStatus()") == "BACKUP")
    assert mirror.merge(b, mirror.database(b))[0] == 0
    a.session(f'set ^|"^^{a.home}/mgr/app"|Company="first"')
    wait_for(lambda: b.value(f'$get(^|"^^{b.home}/mgr/app"|Company)') == "first")


def test_what_ssl_dir_must_hold(mirror: Mirror, authority: Authority, tmp_path: Path) -> None:
    node = mirror.node()
    directory = tls_directory(authority, tmp_path / "own")
    for name in ("CAFile.pem", "CertificateFile.pem", "PrivateKeyFile.pem"):
        (directory / name).rename(tmp_path / name)
        code, output = mirror.configure(node, "primary", f",SSLDir={directory}")
        assert (code, f"there is no {name} in SSLDir={directory}" in output) == (1, True)
        (tmp_path / name).rename(directory / name)
    assert "SSLDir=own must be a full path" in mirror.configure(node, "primary", ",SSLDir=own")[1]
    shutil.copyfile(authority.issue("foreign")["PrivateKeyFile"], directory / "PrivateKeyFile.pem")
    code, output = mirror.configure(node, "primary", f",SSLDir={directory}")
    assert (code, "ConfigMirror DEMO: ERROR #" in output) == (1, True), "the key of another certificate"
    assert node.value("$system.Mirror.GetMemberType()") == "Not Member"


def test_reporting_members(mirror: Mirror, wait_for: WaitFor) -> None:
    a, reader, writer = (mirror.node() for _ in range(3))
    assert mirror.configure(a, "primary")[0] == 0
    assert mirror.merge(a, mirror.database(a))[0] == 0
    for node, member in ((reader, "rorasync"), (writer, "rwrasync")):
        code, output = mirror.configure(node, member)
        assert (code, SUCCESS in output) == (0, True)
        assert mirror.merge(node, mirror.database(node))[0] == 0
        assert node.value("$system.Mirror.GetStatus()") == "CONNECTED"
    kinds = [node.value("$system.Mirror.GetMemberType()") for node in (reader, writer)]
    assert kinds == ["Read-Only Reporting", "Read-Write Reporting"]
    a.session(f'set ^|"^^{a.home}/mgr/app"|Company="first"')
    for node in (reader, writer):
        wait_for(lambda node=node: node.value(f'$get(^|"^^{node.home}/mgr/app"|Company)') == "first")


def test_a_later_version_does_not_join(mirror: Mirror) -> None:
    a, later = mirror.node("--profile", "2022.1"), mirror.node("--profile", "2026.1")
    assert mirror.configure(a, "primary")[0] == 0
    code, output = mirror.configure(later, "backup")
    assert (code, "line 2: ConfigMirror DEMO: ERROR #2136" in output) == (1, True)
    assert later.value("$system.Mirror.GetMemberType()") == "Not Member"
