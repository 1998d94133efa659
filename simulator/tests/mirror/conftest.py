# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrors for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.mirror.lab import Lab, Node


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Nodes of one test; their processes end with it."""
    laboratory = Lab(tmp_path)
    yield laboratory
    laboratory.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node outside a mirror for calls that change nothing."""
    laboratory = Lab(tmp_path_factory.mktemp("shared"))
    node = laboratory.node("A")
    node.call("enable_service", True)
    yield node
    laboratory.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """Primary and active backup for tests that leave them so, and use databases of their own besides DATA."""
    laboratory = Lab(tmp_path_factory.mktemp("pair"))
    try:
        yield laboratory.pair()
    finally:
        laboratory.close()
