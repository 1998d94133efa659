# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drills on nodes without containers: what is refused, what is foretold, and what is done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

NODES = ("mirrorA", "mirrorB")
NAMED = ("-e", "mirror=MIRRORSET")


def roles(lab: Lab) -> list[str]:
    return [lab.module("iris_mirror_info", node)["mirror"]["role"] for node in NODES]


def drill(lab: Lab, *options: str) -> dict[str, Any]:
    """The report of a drill that must succeed."""
    file = lab.home / "report.json"
    file.unlink(missing_ok=True)
    done = lab.play("failover_drill", *NAMED, "-e", f"report_file={file}", *options)
    assert done.code == 0, done.output
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return report


def said(report: dict[str, Any]) -> str:
    return "; ".join(step["what"] for step in report["steps"])


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "Say from which mirror"),
        ((*NAMED, "-e", "drill=fire"), "is none of kill, stop, pause and disconnect"),
        ((*NAMED, "-e", "drill=pause"), "is no container of this inventory"),
        ((*NAMED, "-e", "measure_namespace=USER"), "not mirrored"),
    ],
)
def test_what_cannot_be_drilled_is_refused(article: Lab, options: tuple[str, ...], reason: str) -> None:
    refused = article.play("failover_drill", *options)
    assert refused.code != 0 and refused.changed == 0, refused.output
    assert reason in " ".join(refused.output.split())
    assert roles(article) == ["primary", "backup"]


def test_a_drill_is_foretold(article: Lab) -> None:
    before = [article.fingerprint(node) for node in NODES]
    foretold = article.play("failover_drill", *NAMED, "--check")
    assert foretold.code == 0, foretold.output
    assert "took the primary away" in " ".join(foretold.output.split())
    assert [article.fingerprint(node) for node in NODES] == before
    assert roles(article) == ["primary", "backup"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("kind", "expected"), [("stop", ["backup", "primary"]), ("kill", ["primary", "backup"])])
def test_a_drill_moves_the_primary_and_loses_nothing(article: Lab, kind: str, expected: list[str]) -> None:
    report = drill(article, "-e", f"drill={kind}")
    assert " 0 of them lost" in said(report), said(report)
    assert roles(article) == expected
    shown = article.play("status")
    assert "Failover      ready" in shown.output, shown.output
