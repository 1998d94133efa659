# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moving copies: the source is asked, frozen, copied, and left as it was."""

from __future__ import annotations

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._engine.seeder import Seeder, announce
from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError, TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import placing, seeding
from ansible_collections.irisops.mirror.tests.unit.support import nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport, Reply, Script, failed

NAMES = ("COMPANY", "CUSTOMER")
ITEMS = [{"name": name, "mirror_name": name, "directory": f"/target/{name}/", "seed": 1, "keep": 0} for name in NAMES]
SOURCE = nodes.answers(nodes.inside(databases=[nodes.mirrored(name) for name in NAMES]))
CONTENT = {"COMPANY": b"c" * 5000, "CUSTOMER": b"u" * 70}


def sizes(company: object = 5000, customer: object = 70) -> Script:
    return {
        ("sizes", "size", 0): Reply(value={"bytes": company}),
        ("sizes", "size", 1): Reply(value={"bytes": customer}),
    }


class Lab:
    """A source and a target; `clone` is what the source does when it is to copy."""

    def __init__(
        self, clone: Exchange, target: list[Exchange], source: Script | None = None, method: str = "frozen_copy"
    ) -> None:
        remove = Exchange(contains=["##class(%Library.File).Delete("])
        self.source = FakeTransport(Exchange(source or SOURCE), clone, remove, name="mirrorA")
        self.target = FakeTransport(*target, name="mirrorB")
        self.source.files = {nodes.directory(name) + seeding.CLONE: CONTENT[name] for name in NAMES}
        self.seeder = Seeder(Session(self.source), Session(self.target), nodes.MIRROR, method, 300)

    def fails(self) -> IrisError:
        with pytest.raises(IrisError) as raised:
            self.seeder.copy(ITEMS)
        return raised.value


DIRECTORIES = Exchange(contains=["CreateDirectoryChain"])
FREEZE = Exchange(contains=["ExternalFreeze", "CopyFile", "ExternalThaw"])


@pytest.mark.parametrize(
    ("method", "clone"),
    [
        ("frozen_copy", FREEZE),
        ("cold_copy", Exchange(contains=["DismountDatabase", "CopyFile", "MountDatabase"], lacks=["ExternalFreeze"])),
    ],
)
def test_copies_arrive_whole_and_nothing_stays_behind(method: str, clone: Exchange) -> None:
    lab = Lab(clone, [DIRECTORIES, Exchange(sizes())], method=method)
    actions = lab.seeder.copy(ITEMS)
    assert lab.target.files == {f"/target/{name}/{placing.PARTIAL}": CONTENT[name] for name in NAMES}
    planned = [(action["step"], action["target"]) for action in announce(ITEMS)]
    assert [(action["step"], action["target"]) for action in actions] == planned
    assert [action.get("bytes") for action in actions] == [None, 5000, 70]
    lab.seeder.clean()
    lab.seeder.clean()
    lab.source.assert_is_done()
    lab.target.assert_is_done()


def test_nothing_to_seed_announces_nothing() -> None:
    assert announce([]) == []


@pytest.mark.parametrize("arrived", [4999, "", 0])
def test_a_copy_of_another_size_is_refused(arrived: object) -> None:
    error = Lab(FREEZE, [DIRECTORIES, Exchange(sizes(arrived))]).fails()
    assert error.code == "copy_incomplete"
    assert error.node == "mirrorB"
    assert "COMPANY" in error.message


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ({"freeze": failed(5001, text="no freeze")}, "failed to freeze"),
        ({("copies", "copy the file", 1): failed(text="no room")}, nodes.directory("CUSTOMER")),
        ({"wait for the end of another backup": Reply(False, "1", text="another backup")}, "another backup"),
        ({"check that the freeze has held": Reply(False, "0", text="too late")}, "too late"),
        ({"thaw": failed(text="still frozen")}, "failed to thaw"),
    ],
)
def test_when_the_source_cannot_copy_the_target_gets_nothing(script: Script, text: str) -> None:
    lab = Lab(Exchange(script, contains=["ExternalThaw"]), [DIRECTORIES])
    error = lab.fails()
    assert (error.code, error.node) == ("seed_failed", "mirrorA")
    assert text in error.message
    assert lab.target.files == {}
    lab.seeder.clean()
    lab.source.assert_is_done()


def test_a_directory_that_cannot_be_made_stops_before_the_freeze() -> None:
    broken = Exchange({("directories", "create the directory", 1): failed(text="read-only")})
    lab = Lab(FREEZE, [broken])
    error = lab.fails()
    assert (error.code, error.node) == ("directory_missing", "mirrorB")
    assert "CUSTOMER" in error.message
    assert len(lab.source.programs) == 1
    lab.seeder.clean()
    assert len(lab.source.programs) == 1, "there was nothing to clean"


def test_an_unfit_source_is_refused_before_anything_is_done() -> None:
    node = nodes.inside(databases=[nodes.mirrored("COMPANY")])
    lab = Lab(FREEZE, [], source=nodes.answers(node))
    assert lab.fails().code == "source_not_ready"
    assert len(lab.source.programs) == 1


def test_a_target_that_cannot_be_written_keeps_its_error() -> None:
    lab = Lab(FREEZE, [DIRECTORIES])
    lab.target.on_write = TransportError("file_not_writable", "no room left", node="mirrorB")
    assert lab.fails().code == "file_not_writable"
    lab.seeder.clean()
    lab.source.assert_is_done()
