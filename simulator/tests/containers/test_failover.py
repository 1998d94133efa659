# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lost connections and outages of a mirror in containers, by nothing but the means of the engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.containers.cluster import (
    A_ARBITER,
    A_B,
    ALONE,
    ARBITER,
    B_ARBITER,
    CUT_OFF,
    IMAGE,
    IN_TROUBLE,
    LINKS,
    Cluster,
    follows,
    leads,
)
from tests.containers.engine import connected, eventually

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One set of containers for all rows; each row leaves it as it was, apart from the roles."""
    with connected(IMAGE) as client:
        made = Cluster(client)
        made.remove_leftovers()
        try:
            made.make()
            yield made
        finally:
            made.remove()


@pytest.fixture(params=[True, False], ids=["arbiter", "no arbiter"])
def arbiter(request: pytest.FixtureRequest, cluster: Cluster) -> bool:
    """Without it the container of the arbiter is stopped, and the pair knows that."""
    present = bool(request.param)
    if not present:
        primary, backup = cluster.roles()
        cluster.containers[ARBITER].stop(timeout=1)
        cluster.shows(primary, leads())
        cluster.shows(backup, follows())
    return present


@pytest.mark.parametrize("links", [(A_ARBITER,), (B_ARBITER,), (A_ARBITER, B_ARBITER)])
def test_the_pair_goes_on_without_the_arbiter(cluster: Cluster, links: tuple[tuple[str, str], ...]) -> None:
    primary, backup = cluster.roles()
    cluster.cut(*links)
    cluster.shows(primary, leads())
    cluster.shows(backup, follows())
    cluster.heal()
    cluster.restored(primary, backup)


def test_members_that_lose_each_other_keep_their_roles(cluster: Cluster) -> None:
    primary, backup = cluster.roles()
    cluster.cut(A_B)
    cluster.shows(backup, CUT_OFF)
    cluster.shows(primary, ALONE)
    cluster.remains(backup, CUT_OFF)
    cluster.heal()
    cluster.restored(primary, backup)


def test_an_isolated_backup_leaves_the_primary_alone(cluster: Cluster) -> None:
    primary, backup = cluster.roles()
    cluster.isolate(backup)
    cluster.shows(primary, ALONE)
    cluster.shows(backup, CUT_OFF)
    cluster.heal()
    cluster.restored(primary, backup)


def test_an_isolated_primary_is_replaced_only_with_an_arbiter(cluster: Cluster, arbiter: bool) -> None:
    primary, backup = cluster.roles()
    cluster.isolate(primary)
    if arbiter:
        cluster.shows(backup, ALONE)
        cluster.shows(primary, IN_TROUBLE)
        cluster.heal()
        eventually(lambda: cluster.down(primary), lambda: "the former primary goes down")
        cluster.start(primary)
        cluster.restored(backup, primary)
    else:
        cluster.shows(primary, ALONE)
        cluster.shows(backup, CUT_OFF)
        cluster.heal()
        cluster.start(ARBITER)
        cluster.restored(primary, backup)


def test_when_all_links_break_at_once_nobody_leads(cluster: Cluster) -> None:
    primary, backup = cluster.roles()
    cluster.cut(*LINKS)
    cluster.shows(primary, IN_TROUBLE)
    cluster.shows(backup, CUT_OFF)
    cluster.remains(primary, IN_TROUBLE)
    cluster.heal()
    cluster.restored(primary, backup)


def test_backup_and_arbiter_one_after_another_leave_the_primary(cluster: Cluster) -> None:
    primary, backup = cluster.roles()
    cluster.containers[ARBITER].kill()
    cluster.shows(primary, leads())
    cluster.containers[backup].kill()
    cluster.shows(primary, ALONE)
    cluster.start(ARBITER)
    cluster.start(backup)
    cluster.restored(primary, backup)


def test_a_stopped_container_hands_over(cluster: Cluster, arbiter: bool) -> None:
    primary, backup = cluster.roles()
    cluster.containers[primary].stop(timeout=30)
    cluster.shows(backup, ALONE)
    _return(cluster, primary, arbiter)
    cluster.restored(backup, primary)


def test_a_killed_container_is_replaced_only_with_an_arbiter(cluster: Cluster, arbiter: bool) -> None:
    primary, backup = cluster.roles()
    cluster.write(primary, "before")
    cluster.containers[primary].kill()
    if not arbiter:
        cluster.shows(backup, CUT_OFF)
        cluster.remains(backup, CUT_OFF)
        assert cluster.answer(backup, 'write "<<",##class(SYS.Mirror).BecomePrimary(),">>"') == "1"
    cluster.shows(backup, ALONE)
    assert cluster.reads(backup, "before")
    _return(cluster, primary, arbiter)
    cluster.restored(backup, primary)


def test_a_paused_container_is_replaced_only_with_an_arbiter(cluster: Cluster, arbiter: bool) -> None:
    primary, backup = cluster.roles()
    cluster.containers[primary].pause()
    cluster.shows(backup, ALONE if arbiter else CUT_OFF)
    cluster.containers[primary].unpause()
    if arbiter:
        eventually(lambda: cluster.down(primary), lambda: "the former primary goes down")
        cluster.start(primary)
        cluster.restored(backup, primary)
    else:
        cluster.start(ARBITER)
        cluster.restored(primary, backup)


def test_a_crashed_instance_in_a_running_container_is_replaced(cluster: Cluster, arbiter: bool) -> None:
    primary, backup = cluster.roles()
    cluster.containers[primary].exec_run(["iris", "force", "IRIS"])
    cluster.shows(backup, ALONE)
    _return(cluster, primary, arbiter)
    cluster.restored(backup, primary)


def _return(cluster: Cluster, member: str, arbiter: bool) -> None:
    cluster.start(member)
    if not arbiter:
        cluster.start(ARBITER)
