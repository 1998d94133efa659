# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking the other members: who answers, who is silent, who is somebody else."""

from __future__ import annotations

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._engine import peers
from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.peer import Peer, refuse_two_primaries
from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport

ASYNC = {"is_primary": False, "status": "CONNECTED", "member_name": "MIRRORC"}


def opener(name: str, node: Node | Exception) -> peers.Opener:
    exchange = Exchange(error=node) if isinstance(node, Exception) else Exchange(nodes.answers(node))
    return peers.Opener(name, lambda: Session(FakeTransport(exchange, name=name)))


@pytest.mark.parametrize(
    ("node", "role"),
    [
        (nodes.inside(), "primary"),
        (nodes.backup(), "backup"),
        (nodes.backup(is_backup=False, status="WAITING"), "indeterminate"),
        (nodes.inside(member_type="dr", **ASYNC), "dr"),
        (nodes.inside(member_type="reporting_ro", **ASYNC), "reporting"),
        (nodes.inside(member_type="reporting_rw", **ASYNC), "reporting"),
        (nodes.outside(), "outside"),
        (nodes.inside(mirrors=["OTHER"]), "outside"),
        (nodes.inside(settings=nodes.settings(guid="G-2")), "outside"),
    ],
)
def test_the_role_of_a_peer(node: Node, role: str) -> None:
    own = nodes.backup(member_name="MIRRORZ")
    (peer,) = peers.ask([opener("one", node)], nodes.MIRROR, own)
    assert (peer.name, peer.role, peer.describe()["answered"]) == ("one", role, True)
    assert peer.describe()["status"] == node.status


def test_a_silent_peer_is_an_answer_and_the_order_is_kept() -> None:
    gone = TransportError("container_not_running", "the container is not running", "Start it.", node="two")
    asked = [opener("one", nodes.inside()), opener("two", gone), opener("three", nodes.outside())]
    found = peers.ask(asked, nodes.MIRROR, nodes.backup())
    assert [(peer.name, peer.role) for peer in found] == [("one", "primary"), ("two", "silent"), ("three", "outside")]
    assert found[1].describe() == {
        "name": "two",
        "answered": False,
        "member": "",
        "role": "silent",
        "status": "",
        "error": "two: the container is not running. Start it.",
    }


def test_a_peer_that_cannot_even_be_opened_is_silent() -> None:
    def fail() -> Session:
        raise TransportError("container_not_found", "there is no container", node="gone")

    (peer,) = peers.ask([peers.Opener("gone", fail)], nodes.MIRROR, nodes.backup())
    assert peer.role == "silent"


def test_the_node_itself_is_left_out() -> None:
    assert peers.ask([opener("again", nodes.backup())], nodes.MIRROR, nodes.backup()) == []


def test_two_primaries_are_refused() -> None:
    other = Peer("mirrorB", "primary", nodes.inside(member_name="MIRRORB"))
    refuse_two_primaries(nodes.backup(), [other, Peer("mirrorC")])
    for own, found in ((nodes.inside(), [other]), (nodes.backup(), [other, other])):
        with pytest.raises(ConflictError) as raised:
            refuse_two_primaries(own, found)
        assert raised.value.code == "two_primaries"
        assert "MIRRORB" in raised.value.message
