# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that need no node, for the time between two edits."""

from __future__ import annotations

from collections.abc import Sequence

from devtools.checks import LINT
from devtools.testing import run


def main(_arguments: Sequence[str]) -> int:
    return run(LINT, jobs=2)
