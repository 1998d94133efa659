# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`/api/monitor`: what monitoring reads about an instance."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from irissim.engine.datfile import FILE_NAME
from irissim.engine.instance import Instance
from irissim.engine.mirror.types import MemberKind, MirrorState
from irissim.engine.system_monitor import Alert
from irissim.values.releases import is_before

_MEGABYTE = 1 << 20
# FIDELITY(documented; GCM III-10): numbers of member type and status, in these orders, from 1
_MEMBER_TYPES = tuple(MemberKind)
_STATUSES = tuple(MirrorState)


class Metric(NamedTuple):
    """One line, its labels apart."""

    name: str
    value: float
    labels: dict[str, str] = {}  # noqa: RUF012 - never changed


# FIDELITY(documented; GCM C.2.1): names and meanings. The groups about processors, memory, the
#   Web Gateway, ECP, SQL and productions are left out: nothing stands behind them here
HELP = {
    "iris_db_expansion_size_mb": "Megabytes by which a database grows",
    "iris_db_max_size_mb": "Megabytes to which a database may grow, 0 for no limit",
    "iris_db_size_mb": "Megabytes of a database",
    "iris_directory_space": "Free megabytes on the volume of a database",
    "iris_jrn_free_space": "Free megabytes on the volume of a journal directory",
    "iris_jrn_size": "Megabytes of the journal file in use",
    "iris_mirror_failover_ready": "1 when the backup would take over if the primary failed",
    "iris_mirror_member_type": "What kind of mirror member this instance is",
    "iris_mirror_missing_databases": "Databases in the mirror journal that are not configured here",
    "iris_mirror_status": "State of this mirror member",
    "iris_system_alerts": "Alerts in the messages log since the instance started",
    "iris_system_alerts_log": "Alerts in the alerts log",
    "iris_system_alerts_new": "Whether alerts wait at the alerts endpoint",
    "iris_system_state": "State of the system",
}


def metrics_text(instance: Instance) -> str:
    """The metrics in Prometheus text format."""
    lines = []
    # FIDELITY(documented; GCM C.2.1): the guide of 2026.1 puts HELP and TYPE lines above each metric
    # FIDELITY(observed; PGUARD): 2024.1 has nothing but the values
    explained = not is_before(instance.profile, "2026.1")
    name = ""
    for metric in _metrics(instance):
        if explained and metric.name != name:
            lines += [f"# HELP {metric.name} {HELP[metric.name]}", f"# TYPE {metric.name} gauge"]
        name = metric.name
        labels = ",".join(f'{key}="{_escaped(text)}"' for key, text in metric.labels.items())
        lines.append(f"{name}{{{labels}}} {metric.value:g}" if labels else f"{name} {metric.value:g}")
    return "\n".join(lines) + "\n"


def alerts_text(instance: Instance) -> str:
    """The alerts that nobody has read here yet, as JSON."""
    # FIDELITY(observed; IMMON, PGUARD): a list of objects with time, severity (as text) and message; what was read once
    #   is not given again, and iris_system_alerts_new is 0 then
    return json.dumps([_alert(alert) for alert in instance.monitor.take_unread()], separators=(",", ":")) + "\n"


def _alert(alert: Alert) -> dict[str, str]:
    moment = datetime.fromtimestamp(alert.moment, UTC)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    return {"time": stamp, "severity": str(alert.severity), "message": alert.text}


def _metrics(instance: Instance) -> Iterator[Metric]:
    yield from _databases(instance)
    yield from _journal(instance)
    yield from _mirror(instance)
    monitor = instance.monitor
    yield Metric("iris_system_alerts", monitor.posted)
    yield Metric("iris_system_alerts_log", len(monitor.logged()))
    yield Metric("iris_system_alerts_new", int(monitor.unread > 0))
    yield Metric("iris_system_state", monitor.state())


def _databases(instance: Instance) -> Iterator[Metric]:
    labels = {
        name: (directory, label)
        for name in instance.config.section("Databases")
        if (directory := instance.config.fields("Databases", name, 1)[0])
        and (label := instance.databases.label(directory)) is not None
    }
    for name, (_, label) in labels.items():
        yield Metric("iris_db_expansion_size_mb", label.expansion_mb, {"id": name})
    for name, (_, label) in labels.items():
        yield Metric("iris_db_max_size_mb", label.max_mb, {"id": name})
    for name, (directory, label) in labels.items():
        yield Metric("iris_db_size_mb", label.size_mb, {"id": name, "dir": directory})
    for name, (directory, _) in labels.items():
        if Path(directory, FILE_NAME).exists():
            yield Metric("iris_directory_space", _free(directory), {"id": name, "dir": directory})


def _journal(instance: Instance) -> Iterator[Metric]:
    directory = instance.journal.directory
    yield Metric("iris_jrn_free_space", _free(str(directory)), {"id": "primary", "dir": f"{directory}/"})
    current = instance.journal.current_file()
    size = current.stat().st_size if current.exists() else 0
    yield Metric("iris_jrn_size", round(size / _MEGABYTE, 3), {"id": "primary"})


def _mirror(instance: Instance) -> Iterator[Metric]:
    mirror = instance.mirror
    # FIDELITY(observed; PGUARD): an instance that is in no mirror has none of these lines
    if not mirror.is_member():
        return
    kind = mirror.kind()
    # FIDELITY(documented; GCM III-10): failover readiness is there on failover members
    if kind is MemberKind.FAILOVER:
        yield Metric("iris_mirror_failover_ready", int(mirror.is_failover_ready()[0]))
    yield Metric("iris_mirror_member_type", _MEMBER_TYPES.index(kind) + 1)
    yield Metric("iris_mirror_missing_databases", sum(len(mirror.missing_databases(name)) for name in mirror.names()))
    yield Metric("iris_mirror_status", _STATUSES.index(mirror.state()) + 1)


def _free(directory: str) -> int:
    volume = os.statvfs(directory)
    return volume.f_bavail * volume.f_frsize // _MEGABYTE


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
