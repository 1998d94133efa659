# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about the simulator is made from comments of one form; anything else must be refused, not lost."""

from __future__ import annotations

import pytest

from devtools import fidelity
from devtools.console import Failure

SOURCES = {"HA": "High Availability Guide", "LIVE": "a live pair"}


def facts(*lines: str) -> list[fidelity.Fact]:
    return fidelity.read_facts(lines, "engine/mirror/names.py")


def test_a_comment_with_continuation_is_one_fact() -> None:
    (fact,) = facts(
        "def f():",
        "    # FIDELITY(documented; HA 4.7.1, LIVE): a mirror name is stored",
        "    #   in upper case",
        "    # and this is another comment",
        "    return 1",
    )
    assert fact == fidelity.Fact(
        "engine/mirror/names.py", 2, "documented", ("HA 4.7.1", "LIVE"), "a mirror name is stored in upper case"
    )


def test_neighbouring_facts_stay_apart() -> None:
    assert [fact.text for fact in facts("# FIDELITY(assumed): one", "# FIDELITY(assumed): two")] == ["one", "two"]


def test_other_forms_are_refused() -> None:
    with pytest.raises(Failure, match=r"names\.py:1"):
        facts("# FIDELITY documented: no brackets")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("# FIDELITY(guessed; HA 1): x", "guessed is none of"),
        ("# FIDELITY(documented): x", "no source is named"),
        ("# FIDELITY(observed; HEARSAY 3): x", "unknown source HEARSAY 3"),
    ],
)
def test_facts_without_standing_or_source_are_refused(line: str, complaint: str) -> None:
    with pytest.raises(Failure, match=complaint):
        fidelity.check(facts(line), SOURCES)


def test_sections_of_one_source_are_accepted() -> None:
    fidelity.check(facts("# FIDELITY(documented; HA 4.7.1, 4.8): x", "# FIDELITY(assumed): y"), SOURCES)


def test_the_page_counts_groups_and_escapes() -> None:
    page = fidelity.render(facts("# FIDELITY(observed; LIVE): a write is <PROTECT>, host|port"), SOURCES)
    assert "| observed | 1 |" in page
    assert "| documented | 0 |" in page
    assert "| LIVE | a live pair |" in page
    assert "High Availability" not in page, "only sources that are used are listed"
    assert "## Mirroring" in page
    assert r"| a write is \<PROTECT\>, host\|port | observed | LIVE |" in page
