# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Namespaces as iris_namespace takes them, and the mappings that it cannot make."""

from __future__ import annotations

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import StatusError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import parse
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import config_kinds, namespace_list
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Reply, Script, failed, transcript


def listed(script: Script) -> namespace_list.Listed:
    program = Program(*namespace_list.observe())
    program.lines()
    return namespace_list.read(parse(program, transcript(program, script)))


def steps() -> dict[str, str]:
    """The names of the steps by what they read."""
    return {kind.label or kind.option: kind.step.name for kind in config_kinds.of(["namespaces", "mappings"])}


def test_namespaces_and_their_mappings() -> None:
    found = listed(
        {
            steps()["namespaces"]: Reply(
                rows=[
                    ["=", "=USER", "=USER", "=USER", "=IRISTEMP"],
                    ["=", "=%SYS", "=IRISSYS", "=IRISSYS", "=IRISTEMP"],
                ]
            ),
            steps()["globals"]: Reply(
                rows=[
                    ["=USER", "=Company*", "=COMPANY", "=5", "="],
                    ["=USER", '=X("a")', "=COMPANY", "=5", "="],
                    ["=USER", "=Sorted", "=COMPANY", "=133", "="],
                    ["=USER", "=Locked", "=COMPANY", "=5", "=OTHER"],
                    ["=%SYS", "=Own", "=COMPANY", "=5", "="],
                ]
            ),
            steps()["packages"]: Reply(rows=[["=USER", "=My.Lib", "=COMPANY"]]),
        }
    )
    assert found.namespaces == [
        {
            "name": "USER",
            "globals": "USER",
            "routines": "USER",
            "temporary": "IRISTEMP",
            "global_mappings": [{"name": "Company*", "database": "COMPANY"}],
            "routine_mappings": [],
            "package_mappings": [{"name": "My.Lib", "database": "COMPANY"}],
        }
    ]
    assert found.others == ['USER/globals/X("a")', "USER/globals/Sorted", "USER/globals/Locked"]


def test_an_answer_that_failed_is_no_empty_list() -> None:
    with pytest.raises(StatusError):
        listed({steps()["globals"]: failed(433)})
