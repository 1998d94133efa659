# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes that the tests of a file share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab
from ansible_collections.irisops.mirror.tests.integration.pair import build_pair


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """An arbiter, mirrorA and mirrorB, which are in no mirror."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    try:
        lab.add("arbiter", "--arbiter")
        lab.add("mirrorA")
        lab.add("mirrorB")
        yield lab
    finally:
        lab.close()


@pytest.fixture(scope="module")
def article(nodes: Lab) -> Lab:
    """The mirror of the article, built by site.yml."""
    built = nodes.play("site")
    assert built.code == 0, built.output
    return nodes


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A smaller mirror without arbiter, built by the modules."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    try:
        build_pair(lab)
        yield lab
    finally:
        lab.close()
