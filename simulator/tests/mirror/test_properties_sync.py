# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of a mirrored database that follow those on the primary."""

from __future__ import annotations

from typing import Any

from tests.mirror.lab import Node, eventually, wait_active

NAMES = ("max_mb", "expansion_mb", "resource", "collation")


def shown(node: Node) -> list[Any]:
    label = node.call("label", node.directory("DATA"))
    return [label[name] for name in NAMES]


def change(node: Node, maximum: int, expansion: int, resource: str, collation: int) -> None:
    done = node.call(
        "objectscript",
        f'set d=##class(SYS.Database).%OpenId("{node.directory("DATA")}")',
        f'set d.MaxSize={maximum},d.ExpansionSize={expansion},d.ResourceName="{resource}"',
        f"set d.NewGlobalCollation={collation}",
        "d.%Save()",
    )
    assert done == 1


def follows(node: Node, *values: Any) -> None:
    eventually(lambda: shown(node) == [*values], lambda: f"{shown(node)} is {values}")


def test_changes_on_the_primary_reach_the_backup(pair: tuple[Node, Node]) -> None:
    first, second = pair
    change(first, 500, 20, "%DB_SPECIAL", 19)
    follows(second, 500, 20, "%DB_SPECIAL", 19)
    change(first, 100, 10, "%DB_SPECIAL", 5)
    follows(second, 100, 10, "%DB_SPECIAL", 5)


def test_changes_on_the_backup_do_not_last(pair: tuple[Node, Node]) -> None:
    first, second = pair
    change(first, 500, 20, "%DB_SPECIAL", 5)
    follows(second, 500, 20, "%DB_SPECIAL", 5)
    change(second, 900, 90, "%DB_OTHER", 19)
    assert shown(second) == [500, 20, "%DB_SPECIAL", 5]


def test_a_member_that_was_away_follows_when_it_is_back(pair: tuple[Node, Node]) -> None:
    first, second = pair
    second.call("mirror.stop")
    change(second, 900, 90, "%DB_OTHER", 19)
    change(first, 500, 20, "%DB_SPECIAL", 5)
    second.call("mirror.start")
    wait_active(first, second)
    follows(second, 500, 20, "%DB_SPECIAL", 5)
    target = second.directory("DATA")
    second.call("databases.dismount", target)
    change(first, 600, 20, "%DB_SPECIAL", 5)
    eventually(lambda: second.call("mirror.database_distance") == 1, "the backup knows")
    second.call("mount", target)
    follows(second, 600, 20, "%DB_SPECIAL", 5)
