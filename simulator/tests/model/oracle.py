# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the product promises to users of a mirror. Written from the documentation, not from the engine.

Promises, and where they stand:

1. An update that was acknowledged is there afterwards, on every failover member (HA 3.3: a backup takes over only if it
   has the latest journal data, which it has when it is active, or gets through the primary's ISCAgent).
2. Updates have one order, the same on all members, and one that was acknowledged before another began comes first.
3. Never do two members acknowledge: a primary that lost its active backup acknowledges nothing until it knows that the
   backup has not taken over (HA 3.3.5). A member that did would have its updates lost (1) or out of order (2).
4. An update that was refused is nowhere.
5. Databases of all members become equal, and equal to what the mirror journal says.
6. Never do two members show themselves as primary and not in trouble for longer than it takes to notice an outage.
7. When all outages are over and stopped members were started, there is one primary, an active backup, and with an
   arbiter the arbiter controlled mode; nobody's data is found inconsistent.

Exempt are only updates that were not acknowledged: they may be there or not (an error or no answer says nothing).
The product does not keep (1) in three further cases, which the steps of this model leave out. The only member that
has an update is lost for good (its disks too) after it went on alone (HA 3.3.3). Somebody forces a member to become
primary (HA 6.2.3). Somebody asks a former active backup by BecomePrimary() while nobody can reach the other host, which
may have gone on alone (seen to succeed by LIVE, while CLS says "not at all costs"). Inconsistent data on rejoin (HA
5.7) can only follow from these, so here it is a violation.
"""

from __future__ import annotations

from tests.mirror.lab import MIRROR, Node
from tests.model.cluster import DATABASE, INCONSISTENT, QOS_MS, Cluster, Violation
from tests.model.history import History, Outcome, Write
from tests.model.workload import GLOBAL, deadline, wait

from irissim.engine.journal_records import RecordType
from irissim.engine.journal_series import JournalSeries
from irissim.engine.positions import START, Position
from irissim.engine.valuecodec import decode_value

_EQUAL_SECONDS = 30.0
_NOTICE_SECONDS = 5 * QOS_MS / 1000
_FORBIDDEN = (INCONSISTENT, "crashed")


def check(cluster: Cluster) -> None:
    """At the end of a run, when nobody writes any more: the mirror must become whole and have everything."""
    try:
        cluster.settle()
    except Violation as violation:
        # Say more, if there is more to say.
        leader = cluster.leader()
        if leader is not None:
            _nothing_lost(cluster.history, _content(leader))
        for node in cluster.nodes:
            _no_complaint(node)
        raise violation from None
    content = _equal_contents(cluster)
    _nothing_lost(cluster.history, content)
    for node in cluster.nodes:
        _in_order(cluster.history, node)
        _no_complaint(node)


def _content(node: Node) -> dict[str, str]:
    return dict(node.call("content", node.directory(DATABASE), GLOBAL))


def _equal_contents(cluster: Cluster) -> dict[str, str]:
    late = deadline(_EQUAL_SECONDS)
    while True:
        found = [_content(node) for node in cluster.nodes]
        if all(content == found[0] for content in found):
            return found[0]
        if late():
            first, second = (set(content) for content in found)
            raise Violation(
                f"the databases stay different: only on A {sorted(first - second)[:10]}, only on B "
                f"{sorted(second - first)[:10]}"
            )
        wait(0.1)


def _nothing_lost(history: History, content: dict[str, str]) -> None:
    lost = [write for write in history.acknowledged() if content.get(write.value) != write.value]
    if lost:
        raise Violation(f"{len(lost)} acknowledged updates are lost: {_told(lost)}")
    ghosts = [write for write in history.writes if write.outcome is Outcome.REFUSED and write.value in content]
    if ghosts:
        raise Violation(f"refused updates are there: {_told(ghosts)}")
    unknown = set(content) - {write.value for write in history.writes}
    if unknown:
        raise Violation(f"nobody wrote {sorted(unknown)[:10]}")


def _in_order(history: History, node: Node) -> None:
    """The journal has the updates in the order in which users saw them."""
    place = {value: position for position, value in journaled(node)}
    by_place = sorted(history.acknowledged(), key=lambda write: place.get(write.value, START))
    latest: Write | None = None
    for write in by_place:
        if write.value not in place:
            raise Violation(f"{write} is not in the journal of {node.name}")
        if latest is not None and write.ended < latest.started:
            raise Violation(f"in the journal of {node.name} {latest} stands before {write}")
        if latest is None or write.started > latest.started:
            latest = write


def journaled(node: Node) -> list[tuple[Position, str]]:
    """Values in the mirror journal of a member, with their places."""
    mgr = node.home / "mgr"
    series = JournalSeries(MIRROR, mgr / f"mirrorjrn-{MIRROR}.log", mgr / "journal")
    try:
        return [
            (position, str(decode_value(record.value)))
            for position, record in series.read(Position(_first(series), 0))
            if record.type is RecordType.SET and record.name == GLOBAL
        ]
    finally:
        series.close()


def _first(series: JournalSeries) -> int:
    return min((file.count for file in series.files()), default=START.file_count)


def _no_complaint(node: Node) -> None:
    for line in node.log().splitlines():
        if any(word in line for word in _FORBIDDEN):
            raise Violation(f"{node.name} logged: {line}")
    errors = node.errors()
    if "Traceback" in errors:
        raise Violation(f"{node.name} stumbled:\n{errors[-4000:]}")


def _told(writes: list[Write]) -> str:
    return "; ".join(
        f"{write.value} on {write.node} from {write.started:.3f} to {write.ended:.3f}" for write in writes[:10]
    )


class Watcher:
    """Looks at both members all the time."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._two_since: float | None = None
        self._primary = ""
        self.violation = ""

    def look(self) -> None:
        cluster = self._cluster
        seen = {node.name: cluster.roles(node, 0.5) for node in cluster.nodes}
        leading = [
            name for name, roles in seen.items() if roles is not None and roles["is_primary"] and not roles["trouble"]
        ]
        for name, roles in seen.items():
            if roles is not None and roles["is_primary"] and roles["is_backup"]:
                self.violation = f"{name} calls itself primary and backup: {roles}"
        now = cluster.history.now()
        if len(leading) == 1 and leading[0] != self._primary:
            if self._primary:
                cluster.history.count("takeover")
            self._primary = leading[0]
            cluster.history.note(f"{self._primary} leads")
        if len(leading) < len(cluster.nodes) or cluster.paused:
            self._two_since = None
        elif self._two_since is None:
            self._two_since = now
            cluster.history.note("two members call themselves primary")
        elif now - self._two_since > _NOTICE_SECONDS:
            self.violation = f"two members call themselves primary since {self._two_since:.3f}"
