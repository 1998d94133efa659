# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mirror of two nodes without arbiter, with a few databases, made by the modules: quicker than site.yml."""

from __future__ import annotations

from typing import Any

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

MIRROR = "PAIR"
NAMES = ("ALPHA", "BETA", "GAMMA")


def directory(lab: Lab, node: str, name: str) -> str:
    return f"{lab.directory(node)}/mgr/{name}/"


def databases(lab: Lab, node: str, names: tuple[str, ...] = NAMES) -> list[dict[str, str]]:
    return [{"name": name, "directory": directory(lab, node, name)} for name in names]


def work(lab: Lab, module: str, node: str, **arguments: Any) -> dict[str, Any]:
    """A module that must succeed."""
    result = lab.module(module, node, **arguments)
    assert not result.get("failed"), result
    return result


def build_pair(lab: Lab) -> None:
    """mirrorA is primary, mirrorB backup, and both have the databases."""
    for node in ("mirrorA", "mirrorB"):
        lab.add(node)
        work(lab, "iris_mirror_service", node)
    first, second = lab.addresses["mirrorA"], lab.addresses["mirrorB"]
    mirror = {"name": MIRROR, "qos_timeout": 2000}
    work(lab, "iris_mirror_create", "mirrorA", member="MIRRORA", superserver_address=first, **mirror)
    joined = {"name": MIRROR, "primary": {"address": first}}
    work(lab, "iris_mirror_join", "mirrorB", member="MIRRORB", superserver_address=second, **joined)
    work(lab, "iris_database", "mirrorA", databases=databases(lab, "mirrorA"))
    work(lab, "iris_mirror_db", "mirrorA", mirror=MIRROR, databases=databases(lab, "mirrorA"))
    source = {"executable": lab.iris("mirrorA")}
    work(lab, "iris_mirror_db", "mirrorB", mirror=MIRROR, databases=databases(lab, "mirrorB"), source=source)


def write(lab: Lab, name: str, value: str) -> None:
    """A record on mirrorA, as a client writes it."""
    place = directory(lab, "mirrorA", name)
    lab.wait_for("mirrorA", "<written>", f'set ^|"^^{place}"|Probe("value")="{value}" write "<written>"')


def replicated(lab: Lab, name: str, value: str, node: str = "mirrorB") -> None:
    """Waits until the record is there."""
    place = directory(lab, node, name)
    lab.wait_for(node, f"<{value}>", f'write "<",$get(^|"^^{place}"|Probe("value")),">"')
