# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal in memory."""

from __future__ import annotations

import pytest
from tests.objectscript.fakes import Terminal


@pytest.fixture
def terminal() -> Terminal:
    """Lines in, text out."""
    return Terminal()
