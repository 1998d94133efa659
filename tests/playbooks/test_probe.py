# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe writes on while the primary stops, and sees who took over and that nothing is lost."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

NODES = ("mirrorA", "mirrorB")




def probe(lab: Lab, **arguments: Any) -> dict[str, Any]:
    members = [{"name": name, "executable": lab.iris(name)} for name in NODES]
    return lab.module("iris_mirror_probe", "mirrorA", members=members, **{"namespace": "COMPANY", **arguments})


@pytest.mark.slow
def test_a_probe_survives_a_takeover(article: Lab) -> None:
    lab = article
    refused = probe(lab, namespace="USER")
    assert refused["error"]["code"] == "namespace_not_mirrored"

    results: list[dict[str, Any]] = []
    writer = threading.Thread(
        target=lambda: results.append(probe(lab, label="drill", until="takeover", duration=60, interval=0.1))
    )
    writer.start()
    lab.wait_for("mirrorA", "<1>", 'write "<",$data(^IrisMirrorProbe("drill"))#10,">"', namespace="COMPANY")
    lab.stop("mirrorA")
    writer.join(90)
    found = results[0]["probe"]
    assert (found["primary_before"], found["primary_after"]) == NODES, found
    assert (found["lost"], found["writable"], found["acknowledged"] > 10) == (0, True, True), found
    (takeover,) = [gap for gap in found["gaps"] if gap["to"] == "mirrorB"]
    assert takeover["from"] == "mirrorA"
    assert takeover["seconds"] <= found["longest_gap"] < 30
    removed = 'write "<",$data(^IrisMirrorProbe),">"'
    lab.wait_for("mirrorB", "<0>", removed, namespace="COMPANY")
