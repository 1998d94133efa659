# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases on their way into the mirror, in every state in which an earlier run can have left them."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import ConflictError, InputError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Cleanup, Do, Guard, Succeed, Wait
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import mirrored, placing, seeding
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.mirrored import MemberState, MirroredWish
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import InstanceDatabase, Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.tests.unit.support import nodes, plans

PLACE = nodes.directory("COMPANY")
WISH = MirroredWish("COMPANY", "COMPANY", PLACE)
LOCAL = nodes.entry("COMPANY")
COPIED = nodes.entry("COMPANY", mirrored=True, mirror_name="COMPANY", read_only=True)
KEPT = placing.kept_name("20260101")
SEEN = {"mounted": True, "activated": True, "caught_up": True}


def make(
    node: Node,
    entries: t.Sequence[InstanceDatabase] = (),
    files: bool = False,
    wishes: t.Sequence[MirroredWish] = (WISH,),
    **options: t.Any,
) -> Plan:
    arguments = {"waiting": nodes.WAITING, "kept": "", "has_source": True, "check_mode": False, **options}
    state = MemberState(node, list(entries), [files] * len(wishes))
    return mirrored.make_plan(nodes.MIRROR, wishes, state, **arguments)


def primary(*databases: t.Any) -> Node:
    return nodes.inside(databases=list(databases))


def member(*databases: t.Any) -> Node:
    return nodes.backup(databases=list(databases))


@pytest.mark.parametrize(
    ("node", "entries", "add", "changes"),
    [
        (primary(), [LOCAL], [1], [("COMPANY", None, {"mirror": nodes.MIRROR, "directory": PLACE})]),
        (primary(nodes.mirrored("COMPANY")), [LOCAL], [], []),
        (primary(nodes.mirrored("COMPANY", mounted=False)), [LOCAL], [0], [("COMPANY.mounted", False, True)]),
        (
            primary(nodes.mirrored("OTHER")),
            [LOCAL],
            [1],
            [("COMPANY", None, {"mirror": nodes.MIRROR, "directory": PLACE})],
        ),
    ],
    ids=["missing", "there", "dismounted", "another one there"],
)
def test_on_the_primary(node: Node, entries: list[InstanceDatabase], add: list[int], changes: list[t.Any]) -> None:
    plan = make(node, entries)
    assert plans.changes(plan) == changes
    assert plans.fields(plan, "add") == add
    assert plans.steps(plan.elements) == (
        [
            "check that the node is primary",
            "databases/mount the database [COMPANY]",
            "databases/add the database to the mirror [COMPANY]",
            "databases/be mounted, active and caught up [COMPANY]",
        ]
        if add
        else []
    )
    assert mirrored.seeds(plan) == []


def test_the_primary_takes_the_directory_of_its_entry() -> None:
    plan = make(primary(), [LOCAL], wishes=[MirroredWish("COMPANY", "PUBLIC")])
    assert plans.fields(plan, "directory") == [PLACE]
    assert plans.fields(plan, "mirror_name") == ["PUBLIC"]


def test_the_primary_needs_the_entry() -> None:
    with pytest.raises(PreconditionError) as raised:
        make(primary())
    assert (raised.value.code, raised.value.numbers) == ("database_not_configured", [473])
    plan = make(primary(), check_mode=True)
    assert plans.changes(plan) == plans.changes(make(primary(), [LOCAL])), "the same diff as the real run makes"
    assert plans.steps(plan.elements) == plans.steps(make(primary(), [LOCAL]).elements)
    assert len(plan.warnings) == 1


@pytest.mark.parametrize(
    ("node", "entries", "files", "kept", "item", "before"),
    [
        (member(), [], False, "", (1, 0), None),
        (member(), [], False, KEPT, (1, 0), None),
        (member(), [], True, KEPT, (1, 1), None),
        (member(), [LOCAL], True, KEPT, (1, 1), None),
        (member(nodes.mirrored("OTHER")), [], False, "", (1, 0), None),
        (member(), [COPIED], True, "", (0, 0), {"activated": False}),
        (member(nodes.mirrored("COMPANY", mounted=False)), [COPIED], True, "", (0, 0), {**SEEN, "mounted": False}),
        (member(nodes.mirrored("COMPANY", activated=False)), [COPIED], True, "", (0, 0), {**SEEN, "activated": False}),
        (member(nodes.mirrored("COMPANY", caught_up=False)), [COPIED], True, "", (0, 0), {**SEEN, "caught_up": False}),
        (member(nodes.mirrored("COMPANY")), [COPIED], True, "", None, None),
        (member(nodes.mirrored("COMPANY")), [], True, KEPT, None, None),
    ],
    ids=[
        "missing",
        "missing, replacing allowed",
        "a file in the way, replacing allowed",
        "a local database in the way, replacing allowed",
        "another one there",
        "seeded, not activated, unknown to the mirror",
        "dismounted",
        "seeded, not activated",
        "needs catch up",
        "good",
        "good, replacing allowed",
    ],
)
def test_on_another_member(
    node: Node,
    entries: list[InstanceDatabase],
    files: bool,
    kept: str,
    item: tuple[int, int] | None,
    before: t.Any,
) -> None:
    plan = make(node, entries, files, kept=kept)
    if item is None:
        assert (plan.changed, plan.elements, mirrored.seeds(plan)) == (False, [], [])
        return
    seed, keep = item
    assert (plans.fields(plan, "seed"), plans.fields(plan, "keep")) == ([seed], [keep])
    assert [one["mirror_name"] for one in mirrored.seeds(plan)] == ["COMPANY"] * seed
    ((name, was, after),) = plans.changes(plan)
    assert (name, was) == ("COMPANY", before)
    assert after["seeded" if seed else "activated"] is True
    assert plans.steps(plan.elements) == ["check that the node is not primary"] + [
        f"databases/{step} [COMPANY]"
        for step in (
            "dismount the old database",
            "keep the old file",
            "mark the place",
            "place the copied file",
            "register the database",
            "mount the database",
            "activate",
            "remove the mark",
            "collect the file number",
            "catch up",
            "be mounted, active and caught up",
        )
    ]


@pytest.mark.parametrize(
    ("database", "rebuild", "item"),
    [
        ({}, "needed", None),
        ({}, "always", (1, 1)),
        ({"obsolete": True}, "needed", (1, 1)),
        ({"obsolete": True}, "always", (1, 1)),
        ({"paused": True}, "never", None),
        ({"paused": True}, "needed", (0, 0)),
        ({"paused": True}, "always", (1, 1)),
        ({"mounted": False}, "needed", (0, 0)),
        ({"mounted": False}, "always", (1, 1)),
        ({"caught_up": False}, "needed", (0, 0)),
    ],
)
def test_what_is_rebuilt(database: dict[str, bool], rebuild: str, item: tuple[int, int] | None) -> None:
    plan = make(member(nodes.mirrored("COMPANY", **database)), [COPIED], True, kept=KEPT, rebuild=rebuild)
    found = list(zip(plans.fields(plan, "seed"), plans.fields(plan, "keep")))
    assert found == ([] if item is None else [item])
    assert plan.changed == (item is not None)
    if item == (1, 1):
        assert plans.fields(plan, "kept") == [KEPT]
        ((_name, before, after),) = plans.changes(plan)
        assert (before["seeded"], after["seeded"]) == (False, True)


def test_a_rebuild_that_was_interrupted_is_finished_and_not_begun_again() -> None:
    node = member(nodes.mirrored("COMPANY", activated=False))
    state = MemberState(node, [COPIED], [True], placed=["COMPANY"])
    plan = mirrored.plan_member(nodes.MIRROR, [WISH], state, nodes.WAITING, KEPT, "always")
    assert plans.fields(plan, "seed") == [0]


@pytest.mark.parametrize("rebuild", ["needed", "always"])
def test_the_primary_is_never_rebuilt(rebuild: str) -> None:
    with pytest.raises(ConflictError) as raised:
        make(primary(nodes.mirrored("COMPANY", obsolete=True)), [LOCAL], kept=KEPT, rebuild=rebuild)
    assert raised.value.code == "primary_not_rebuilt"


def test_a_file_that_is_gone_from_under_the_instance_needs_a_restart() -> None:
    with pytest.raises(PreconditionError) as raised:
        make(member(nodes.mirrored("COMPANY")), [COPIED], False, kept=KEPT, rebuild="always")
    assert raised.value.code == "file_gone"
    dismounted = member(nodes.mirrored("COMPANY", mounted=False))
    assert plans.fields(make(dismounted, [COPIED], False, kept=KEPT, rebuild="always"), "keep") == [0]


@pytest.mark.parametrize("entries", [[], [LOCAL]], ids=["not registered", "registered, not mounted"])
def test_a_file_that_an_interrupted_run_placed_is_finished(entries: list[InstanceDatabase]) -> None:
    """Between the renaming and the activation only the mark tells whose the file is."""
    state = MemberState(member(), entries, [True], placed=["COMPANY"])
    plan = mirrored.plan_member(nodes.MIRROR, [WISH], state, nodes.WAITING, "")
    assert (plans.fields(plan, "seed"), plans.fields(plan, "keep")) == ([0], [0])
    assert plan.changed
    with pytest.raises(ConflictError):
        mirrored.plan_member(nodes.MIRROR, [WISH], dataclasses.replace(state, placed=[]), nodes.WAITING, "")


@pytest.mark.parametrize("node", [primary(), member()])
def test_without_waiting_nothing_waits(node: Node) -> None:
    plan = make(node, [LOCAL] if node.is_primary else [], waiting=nodes.NO_WAITING)
    assert not any("be mounted" in step for step in plans.steps(plan.elements))


@pytest.mark.parametrize(
    ("node", "entries", "files", "error", "code"),
    [
        (member(), [], True, ConflictError, "file_exists"),
        (member(), [LOCAL], True, ConflictError, "file_exists"),
        (member(), [nodes.entry("COMPANY", directory="/other/")], False, ConflictError, "directory_differs"),
        (member(nodes.mirrored("COMPANY", directory="/other/")), [], False, ConflictError, "directory_differs"),
        (member(nodes.mirrored("COMPANY", obsolete=True)), [], True, ConflictError, "database_obsolete"),
        (primary(), [nodes.entry("COMPANY", directory="/other/")], False, ConflictError, "directory_differs"),
        (primary(nodes.mirrored("COMPANY", directory="/other/")), [], False, ConflictError, "directory_differs"),
        (nodes.outside(), [], False, PreconditionError, "not_a_member"),
        (nodes.inside(mirrors=["OTHER"]), [], False, PreconditionError, "not_a_member"),
    ],
)
def test_nothing_is_overwritten_or_guessed(
    node: Node, entries: list[InstanceDatabase], files: bool, error: type[Exception], code: str
) -> None:
    with pytest.raises(error) as raised:
        make(node, entries, files)
    assert raised.value.code == code  # type: ignore[attr-defined]
    if error is ConflictError:
        with pytest.raises(error):
            make(node, entries, files, check_mode=True)


def test_a_member_needs_directory_and_source() -> None:
    with pytest.raises(InputError) as raised:
        make(member(), wishes=[MirroredWish("COMPANY", "COMPANY")])
    assert raised.value.code == "directory_missing"
    with pytest.raises(InputError) as raised:
        make(member(), has_source=False)
    assert raised.value.code == "source_missing"
    assert "COMPANY" in raised.value.message
    assert make(member(nodes.mirrored("COMPANY", caught_up=False)), has_source=False).changed, (
        "finishing needs no source"
    )


def test_in_check_mode_an_earlier_task_may_make_the_node_a_member() -> None:
    plan = make(nodes.outside(), check_mode=True)
    assert plan.changed
    assert len(plan.warnings) == 1
    with pytest.raises(PreconditionError):
        make(nodes.inside(mirrors=["OTHER"]), check_mode=True)


def test_the_lists_keep_their_order() -> None:
    wishes = [MirroredWish(name, name, nodes.directory(name)) for name in ("C", "A", "B")]
    plan = make(member(nodes.mirrored("A")), wishes=wishes)
    assert plans.fields(plan, "mirror_name") == ["C", "B"]


def test_the_role_is_asked_again_where_it_is_acted_upon() -> None:
    for plan, allowed in ((make(primary(), [LOCAL]), ("1",)), (make(member()), ("0",))):
        guard = plan.elements[0]
        assert isinstance(guard, Guard)
        assert guard.allowed == allowed
        assert guard.value.label == "%SYSTEM.Mirror.IsPrimary"  # type: ignore[attr-defined]


def test_an_old_file_is_kept_before_the_new_one_takes_its_place() -> None:
    """Each step of the exchange happens for items that need it only, so a second run finds the same conditions."""
    plan = make(member(), [LOCAL], True, kept=KEPT)
    (loop,) = (element for element in plan.elements if isinstance(element, Each))
    lines = [line for line in plans.text([loop]).splitlines() if line.startswith("for ")]
    dismount, keep, mark, place = lines[:4]
    assert 'if ((\'(mD(1,mI,"keep")))||' in dismount
    assert 'if \'(mD(1,mI,"keep")) {' in keep
    assert '.Rename((mD(1,mI,"directory"))_("IRIS.DAT"),(mD(1,mI,"directory"))_(mD(1,mI,"kept")))' in keep
    assert 'if ((\'(mD(1,mI,"seed")))||' in mark
    assert f'.CreateDirectoryChain((mD(1,mI,"directory"))_("{placing.MARK}"))' in mark
    assert 'if \'(mD(1,mI,"seed")) {' in place
    assert f'.Rename((mD(1,mI,"directory"))_("{placing.PARTIAL}"),(mD(1,mI,"directory"))_("IRIS.DAT"))' in place
    assert plans.fields(plan, "kept") == [KEPT]
    assert len({placing.PARTIAL, KEPT, seeding.CLONE, "IRIS.DAT"}) == 4


# The source


@pytest.mark.parametrize(
    ("node", "code"),
    [
        (nodes.outside(), "source_not_a_member"),
        (nodes.inside(mirrors=["OTHER"]), "source_not_a_member"),
        (primary(), "source_not_ready"),
        (member(nodes.mirrored("COMPANY", caught_up=False)), "source_not_ready"),
        (member(nodes.mirrored("COMPANY", mounted=False)), "source_not_ready"),
        (member(nodes.mirrored("COMPANY", obsolete=True)), "source_not_ready"),
    ],
)
def test_only_good_copies_are_copied(node: Node, code: str) -> None:
    with pytest.raises(PreconditionError) as raised:
        seeding.sources(nodes.MIRROR, ["COMPANY"], node, "mirrorA")
    assert raised.value.code == code


def test_sources_come_in_the_order_of_the_items() -> None:
    node = primary(nodes.mirrored("A"), nodes.mirrored("B"), nodes.mirrored("C"))
    assert [one.mirror_name for one in seeding.sources(nodes.MIRROR, ["C", "A"], node, "x")] == ["C", "A"]


def test_a_frozen_copy_thaws_whatever_happens_and_only_its_own_freeze() -> None:
    program = seeding.frozen_copy(["/a/", "/b/"], 120)
    kinds = [type(element) for element in program.elements]
    assert kinds[0] is Wait, "nobody else's freeze is disturbed"
    assert kinds[1] is Do
    thaw = program.elements[-1]
    assert isinstance(thaw, Cleanup)
    assert thaw.always
    assert program.seconds() > 240, "waiting takes nothing from the time for the copy"
    lines = [line for line in program.lines() if "mId=" in line]
    suspended, freeze, note, copy, held, thawing = lines
    assert "Backup.General).IsWDSuspended() } catch mE" in suspended
    assert 'mN=$select(((mV="0")):mN+1,1:0)' in suspended
    assert "($zhorolog-mStart)>120 " in suspended, "a freeze that a killed run has left lasts no longer"
    assert '.ExternalFreeze("","",1,10,0,0,120,"","",120)' in freeze, "IRIS resumes by itself after the limit"
    assert note.startswith("if mGo {"), "noted only when the freeze has worked"
    assert "mSetFrozen" in note
    assert copy.startswith("for mI=1:1:2 { if mGo&&mGo(1,mI) {")
    assert held.startswith("if mGo {")
    assert 'Backup.General).IsWDSuspended(),mOk=((mV="1"))' in held, "a copy that outlived the freeze is no copy"
    assert thawing.startswith("if 1 {")
    assert "if '($listget($get(mSetFrozen),1)) { set mOk=1" in thawing
    assert "##class(Backup.General).ExternalThaw()" in thawing.partition(" else { ")[2]


def test_a_cold_copy_mounts_again_whatever_happens() -> None:
    (loop,) = seeding.cold_copy(["/a/", "/b/"]).elements
    assert isinstance(loop, Each)
    assert [type(step) for step in loop.steps] == [Do, Succeed, Cleanup]
    assert [step.call.label for step in loop.steps] == [  # type: ignore[attr-defined]
        "SYS.Database.DismountDatabase",
        "%Library.File.CopyFile",
        "SYS.Database.MountDatabase",
    ]
