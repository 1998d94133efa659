# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Ansible's diff from the changes of a plan."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Change


def make_diff(header: str, changes: t.Sequence[Change]) -> dict[str, t.Any]:
    """``before`` and ``after`` hold the same keys, so a reader sees lines that changed and nothing else."""
    return {
        "before_header": header,
        "after_header": header,
        "before": {change.name: change.before for change in changes},
        "after": {change.name: change.after for change in changes},
    }
