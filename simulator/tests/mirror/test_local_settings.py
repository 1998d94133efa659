# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mirror does not replicate stays on the member where it was made."""

from __future__ import annotations

from typing import Any

from tests.mirror.lab import Lab, Node, eventually

MAKE = (
    'set t=##class(%SYS.Task).%New(),t.Name="Nightly",t.NameSpace="%SYS",t.TaskClass="%SYS.Task.SwitchJournal"',
    "set done=t.%Save()",
    'set done=done&&##class(Security.Resources).Create("Local","")',
    'set done=done&&##class(Security.Roles).Create("LocalRole","","Local:U")',
    'set done=done&&##class(Security.Users).Create("local","LocalRole","wrong horse")',
    'set p("NameSpace")="%SYS",done=done&&##class(Security.Applications).Create("/local",.p)',
    'set n("Globals")="DATA",n("Routines")="DATA",done=done&&##class(Config.Namespaces).Create("LOCALNS",.n)',
    'set m("Database")="IRISTEMP",done=done&&##class(Config.MapGlobals).Create("LOCALNS","Local",.m)',
)
THERE = {
    "task": "##class(%SYS.Task).%ExistsId(1000)",
    "resource": '##class(Security.Resources).Exists("Local",.x,.y)',
    "role": '##class(Security.Roles).Exists("LocalRole",.x,.y)',
    "user": '##class(Security.Users).Exists("local",.x,.y)',
    "application": '##class(Security.Applications).Exists("/local",.x,.y)',
    "namespace": '##class(Config.Namespaces).Exists("LOCALNS",.x,.y)',
    "mapping": '##class(Config.MapGlobals).Exists("LOCALNS","Local",.x,.y)',
}


def held(node: Node) -> dict[str, Any]:
    return {what: node.call("objectscript", expression) for what, expression in THERE.items()}


def test_settings_made_on_the_primary_are_not_on_the_backup(lab: Lab) -> None:
    first, second = lab.pair()
    assert first.call("objectscript", *MAKE, "done") == 1
    assert held(first) == dict.fromkeys(THERE, 1)
    first.call("set", first.directory("DATA"), "Later", "1", "yes")
    eventually(lambda: second.call("get", second.directory("DATA"), "Later", "1") == "yes", "a later update")
    assert held(second) == dict.fromkeys(THERE, 0)


def test_only_namespaces_of_mirrored_databases_are_mirrored(lab: Lab) -> None:
    first, second = lab.pair()
    for node in (first, second):
        node.call("objectscript", *MAKE, "done")
        asked = 'set r=$system.Mirror.IsNamespaceMirrored("{}")'
        assert node.call("objectscript", asked.format("LOCALNS"), "r>0") == 1
        assert node.call("objectscript", asked.format("%SYS"), "r") == 0
        assert node.call("objectscript", asked.format("NOWHERE"), "r") == 0
