# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`/api/monitor/metrics`: what monitoring reads about the mirror."""

from __future__ import annotations

from irissim.engine.instance import Instance

# FIDELITY(documented; GCM III-10): numbers of member type and status, in these orders, from 1
MEMBER_TYPES = (
    "Indeterminate",
    "Not Member",
    "Failover",
    "Async",
    "Disaster Recovery",
    "Read-Only Reporting",
    "Read-Write Reporting",
)
STATUSES = (
    "NOTINIT",
    "PRIMARY",
    "BACKUP",
    "CONNECTED",
    "TRANSITION",
    "SYNCHRONIZING",
    "WAITING",
    "STOPPED",
    "CRASHED",
)


def metrics_text(instance: Instance) -> str:
    """The metrics in Prometheus text format."""
    mirror = instance.mirror
    values = {
        "iris_mirror_member_type": MEMBER_TYPES.index(mirror.member_type()) + 1,
        "iris_mirror_status": STATUSES.index(mirror.status()) + 1,
    }
    if mirror.is_member():
        values["iris_mirror_failover_ready"] = int(mirror.is_failover_ready()[0])
        values["iris_mirror_missing_databases"] = len(mirror.missing_databases())
    return "".join(f"{name} {value}\n" for name, value in sorted(values.items()))
