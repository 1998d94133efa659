# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every state of a mirrored database: reached by what operators do, left by the documented remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.mirror.lab import MIRROR, Lab, Node, add_database, copy_database, eventually, mirrored_database, wait_active

Pair = tuple[Node, Node]

PROPERTIES = "MirrorActivationRequired MirrorDBCatchup MirrorDBPaused MirrorObsolete MirrorNoWrite InActiveMirror"
ROW = 'set r=##class(%ResultSet).%New("SYS.Mirror:{}") do r.Execute("{}","*") set ok=r.Next()'


def words(node: Node, database: str) -> tuple[str, str]:
    """What MirroredDatabaseList and MirroredDatabaseDisplay say."""
    found = [
        node.call("objectscript", ROW.format(query, database), 'r.Get("MirrorStatus")')
        for query in ("MirroredDatabaseList", "MirroredDatabaseDisplay")
    ]
    return found[0], found[1]


def properties(node: Node, database: str) -> set[str]:
    """Those of SYS.Database that are true."""
    opened = f'set d=##class(SYS.Database).%OpenId("{node.directory(database)}")'
    shown = '_" "_'.join(f"d.{name}" for name in PROPERTIES.split())
    values = node.call("objectscript", opened, shown).split(" ")
    return {name for name, value in zip(PROPERTIES.split(), values, strict=True) if value == "1"}


def catch_up(node: Node, database: str) -> None:
    sfn = node.call("databases.sfn", node.directory(database))
    assert node.call("mirror.catchup", [sfn]) == [[sfn], []], node.log()


GOOD = {"MirrorNoWrite", "InActiveMirror"}


def test_normal_and_dejournaling(pair: Pair) -> None:
    first, second = pair
    assert words(first, "DATA") == ("Normal", "Active")
    assert words(second, "DATA") == ("Dejournaling", "Active")
    assert properties(first, "DATA") == {"InActiveMirror"}
    assert properties(second, "DATA") == GOOD


def test_needs_activation_then_needs_catchup(pair: Pair) -> None:
    first, second = pair
    add_database(first, "MORE")
    copy_database(first, second, "MORE")
    assert words(second, "MORE") == ("Needs Activation", "NeedActivation")
    assert properties(second, "MORE") == {"MirrorActivationRequired", "MirrorNoWrite"}
    second.call("mirror.activate", second.directory("MORE"))
    assert words(second, "MORE") == ("Needs Catchup", "NeedCatchup")
    assert properties(second, "MORE") == {"MirrorNoWrite"}
    catch_up(second, "MORE")
    assert words(second, "MORE") == ("Dejournaling", "Active")
    assert properties(second, "MORE") == GOOD


def test_a_copy_restored_on_the_primary_is_read_only_until_caught_up(pair: Pair) -> None:
    first, second = pair
    mirrored_database(first, second, "RESTORED")
    source = first.directory("RESTORED")
    first.call("databases.dismount", source)
    assert words(first, "RESTORED")[0] == "Database Dismounted"
    saved = Path(first.home, "saved.dat")
    shutil.copy(source + "IRIS.DAT", saved)
    first.call("mount", source)
    first.call("set", source, "a", "1", "later")
    eventually(lambda: second.call("get", second.directory("RESTORED"), "a", "1") == "later", "replicated")
    first.call("databases.dismount", source)
    second.call("databases.dismount", second.directory("RESTORED"))
    shutil.copy(second.directory("RESTORED") + "IRIS.DAT", source + "IRIS.DAT")
    first.call("mount", source)
    assert words(first, "RESTORED") == ("Needs Activation", "NeedActivation")
    first.call("mirror.activate", source)
    assert words(first, "RESTORED")[0] == "Needs Catchup"
    catch_up(first, "RESTORED")
    assert words(first, "RESTORED") == ("Normal", "Active")
    first.call("set", source, "a", "2", "writable")


def test_an_older_copy_put_in_place_at_once_is_not_taken_for_the_current_one(pair: Pair) -> None:
    first, second = pair
    source, target = mirrored_database(first, second, "SWAP"), second.directory("SWAP")
    saved = Path(first.home, "older.dat")
    first.call("databases.dismount", source)
    shutil.copy(source + "IRIS.DAT", saved)
    first.call("mount", source)
    first.call("set", source, "a", "1", "between")
    eventually(lambda: second.call("get", target, "a", "1") == "between", "replicated")
    second.call("databases.dismount", target)
    shutil.copy(saved, target + "IRIS.DAT")
    second.call("mount", target)
    first.call("set", source, "a", "2", "after")
    eventually(lambda: second.call("mirror.database_distance") == 1, "dejournaled")
    assert words(second, "SWAP")[0] == "Needs Activation"
    second.call("mirror.activate", target)
    catch_up(second, "SWAP")
    assert [second.call("get", target, "a", number) for number in "12"] == ["between", "after"]


def test_stopped_by_an_operator(pair: Pair) -> None:
    first, second = pair
    mirrored_database(first, second, "PAUSED")
    second.call("mirror.pause_database", second.directory("PAUSED"))
    assert words(second, "PAUSED")[0] == "Dejournaling Stopped"
    assert properties(second, "PAUSED") == {"MirrorDBPaused", "MirrorNoWrite"}
    catch_up(second, "PAUSED")
    assert properties(second, "PAUSED") == GOOD


def test_dismounted(pair: Pair) -> None:
    first, second = pair
    mirrored_database(first, second, "AWAY")
    second.call("databases.dismount", second.directory("AWAY"))
    assert words(second, "AWAY")[0] == "Database Dismounted"
    second.call("mount", second.directory("AWAY"))
    assert words(second, "AWAY")[0] == "Dejournaling"


def test_orphaned_then_obsolete_then_new(pair: Pair) -> None:
    first, second = pair
    mirrored_database(first, second, "ORPHAN")
    source, target = first.directory("ORPHAN"), second.directory("ORPHAN")
    first.call("mirror.remove_database", source)
    eventually(lambda: words(second, "ORPHAN")[0] == "Orphaned", "the primary has it no more")
    first.call("mirror.add_database", source)
    eventually(lambda: words(second, "ORPHAN") == ("Obsolete", "Obsolete"), "another one has the name")
    assert properties(second, "ORPHAN") == {"MirrorObsolete", "MirrorNoWrite"}
    assert f":mirror:{MIRROR}:ORPHAN" in second.call("mirror.missing_databases")
    assert second.refusal("databases.delete", target) == 318
    second.call("mirror.remove_database", target)
    second.call("databases.delete", target)
    second.call("objectscript", f'##class(SYS.Database).CreateDatabase("{target}",1,,,,3,"ORPHAN","{MIRROR}")')
    eventually(lambda: words(second, "ORPHAN")[0] == "Dejournaling", lambda: second.log())
    assert f":mirror:{MIRROR}:ORPHAN" not in second.call("mirror.missing_databases")


def test_a_dismounted_database_of_the_primary_is_no_orphan(pair: Pair) -> None:
    first, second = pair
    mirrored_database(first, second, "HERE")
    first.call("databases.dismount", first.directory("HERE"))
    first.call("switch_journal")
    eventually(lambda: len(second.call("journal_files", MIRROR)) > 1, "received")
    eventually(lambda: second.call("mirror.database_distance") == 1, "dejournaled")
    assert words(second, "HERE")[0] == "Dejournaling"


def test_the_lists_of_the_configuration(pair: Pair) -> None:
    first, second = pair
    first.call("new_database", "PLAIN", first.directory("PLAIN"))
    opened = 'set r=##class(%ResultSet).%New("Config.Databases:{}") do r.Execute() set l="" while r.Next() {{ set l=l_'
    can = opened.format("LocalDatabaseCanMirrorList") + 'r.Get("Name")_"," }'
    mirrored = opened.format("MirrorDatabaseList") + 'r.Get("Name")_" "_r.Get("MirrorStatus") }'
    assert "PLAIN," in first.call("objectscript", can, "l")
    assert "DATA," not in first.call("objectscript", can, "l")
    assert "DATA Normal" in first.call("objectscript", mirrored, "l")
    assert second.call("objectscript", mirrored, "l") == ""
    listed = {row["Name"]: row for row in first.call("rows", "Config.Databases:LocalDatabaseList")}
    assert [listed[name]["Mirror"] for name in ("DATA", "PLAIN")] == [MIRROR, ""]
    assert [listed["PLAIN"][name] for name in ("Size in MB", "Journal", "StatusInt")] == ["1", "Yes", "1"]
    assert list({row["Name"] for row in first.call("rows", "Config.Databases:LocalDatabaseList", "PL*")}) == ["PLAIN"]


def test_many_databases(lab: Lab) -> None:
    """One pass of the journals catches all of them up."""
    first, second = lab.node("A"), lab.node("B")
    first.create_mirror()
    second.join_mirror(first)
    wait_active(first, second)
    names = [f"D{number}" for number in range(200)]
    for name in names:
        first.call("new_database", name, first.directory(name))
        first.call("mirror.adopt_new_database", first.directory(name), name, MIRROR)
        first.call("set", first.directory(name), "a", "1", name)
    eventually(lambda: len(second.call("mirror.missing_databases")) == len(names), "the backup knows")
    for name in names:
        second.call("new_database", name, second.directory(name))
        second.call("mirror.adopt_new_database", second.directory(name), name, MIRROR, False)
    sfns = [second.call("databases.sfn", second.directory(name)) for name in names]
    assert second.call("mirror.catchup", sfns) == [sfns, []]
    assert [second.call("get", second.directory(name), "a", "1") for name in names] == names
    assert {row["state"] for row in second.call("mirror.database_rows")} == {"DEJOURNALING"}


def test_the_file_of_another_mirror_is_not_taken_for_one_of_this(lab: Lab, pair: Pair) -> None:
    first, second = pair
    stranger = lab.node("C")
    stranger.call("enable_service", True)
    stranger.call("create", "OTHER", "C", {**stranger.addresses(), "qos_timeout": 2000})
    stranger.wait_status("PRIMARY")
    add_database(stranger, "DATA")
    stranger.call("databases.dismount", stranger.directory("DATA"))
    foreign = second.directory("FOREIGN")
    second.call("new_database", "FOREIGN", foreign)
    second.call("databases.dismount", foreign)
    shutil.copy(stranger.directory("DATA") + "IRIS.DAT", foreign + "IRIS.DAT")
    second.call("mount", foreign)
    assert second.database_state("FOREIGN") == ""
    assert second.refusal("mirror.activate", foreign) == 2051
    assert second.call("label", foreign)["mirror"]["mirror_name"] == "OTHER"
    second.call("mirror.remove_database", foreign)
    second.call("set", foreign, "a", "1", "local now")
    mirrored_database(first, second, "SEED")
