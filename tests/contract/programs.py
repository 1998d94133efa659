# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every program that the collection can send, for ordinary wishes and for nasty ones."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Call, Item, Joined
from ansible_collections.irisops.mirror.plugins.module_utils._iris.objects import Found
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import (
    approval,
    backup,
    config_apply,
    config_drift,
    config_kinds,
    databases,
    global_nodes,
    instance,
    lifecycle,
    membership,
    mirrored,
    namespace_list,
    namespaces,
    placing,
    probing,
    reader,
    removal,
    role,
    role_state,
    seeding,
)
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import (
    tls as member_tls,
)
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan
from ansible_collections.irisops.mirror.tests.unit.support import nodes

NASTY = (
    "COMPANY",
    'a "quoted" name',
    "semi;colon // comment /* too */",
    "new\r\nline\thalt",
    '"_$zf(-1,"id")_"',
    "##class(%SYSTEM.OBJ).ShutDown() $system ^global {} ,.mRep",
    "\u00e4\u00f6\u20ac\U0001f600 \x02{}\x03 \x00\x1f",
    "'" * 30,
    "x" * 3000,
    '"' * 700,
    "\u6587" * 500,
    "",
)
MIRROR = nodes.MIRROR


def all_programs() -> dict[str, Program]:
    found: dict[str, Program] = {}
    sources = (
        _reading,
        _memberships,
        _lifecycle,
        _roles,
        _services,
        _databases,
        _namespaces,
        _globals,
        _mirrored,
        _removals,
        _seeding,
        _tls_of_members,
        _probing,
        _config,
    )
    for source in sources:
        for name, program in source():
            assert name not in found, name
            found[name] = program
    return found


def _planned(plan: Plan) -> Program:
    assert plan.changed
    return Program(*plan.elements, *plan.waits)


def _reading() -> Iterator[tuple[str, Program]]:
    yield "read: instance", Program(*instance.observe())
    yield "read: membership", Program(*reader.membership_steps())
    yield "read: all", Program(*reader.membership_steps(), *reader.mirrored_steps(), *reader.database_steps())
    yield "read: one mirror", Program(*reader.membership_steps(MIRROR), *reader.mirrored_steps(MIRROR))


def _memberships() -> Iterator[tuple[str, Program]]:
    everything = membership.CreateWish(
        MIRROR,
        "MIRRORA",
        membership.Addresses("10.0.0.1", "fe80::1", "mirror-a.example.org", 2189, "eth0"),
        arbiter="arbiter.example.org|2188",
        qos_timeout=8000,
        use_tls=True,
        virtual_address="192.0.2.10/24",
        compression={
            "compression_failover": 2,
            "compression_async": 1,
            "compression_type_failover": 2,
            "compression_type_async": 0,
        },
        parallel_dejournaling=2,
        tls=_tls("secret"),
    )
    least = membership.CreateWish(MIRROR, "M" * 32, nodes.ADDRESSES)
    for name, wish in (("everything", everything), ("least", least)):
        yield f"create: {name}", _planned(membership.plan_create(wish, nodes.outside(), nodes.WAITING, False))
    for kind, interface, tls in itertools.product(
        ("failover", "dr", "reporting_ro", "reporting_rw"), (None, "eth0"), (None, _tls(NASTY[4]))
    ):
        addresses = membership.Addresses("10.0.0.2", "10.0.0.2", "10.0.0.2", 2188, interface)
        wish = membership.JoinWish(MIRROR, "MIRRORB", kind, "10.0.0.1", 2188, "IRIS", addresses, tls)
        plan = membership.plan_join(wish, nodes.outside(), nodes.WAITING, False)
        yield f"join: {kind} {interface} {bool(tls)}", _planned(plan)
    for number, text in enumerate(NASTY):
        wish = membership.JoinWish(MIRROR, "MIRRORB", "failover", "10.0.0.1", 2188, text, nodes.ADDRESSES, _tls(text))
        plan = membership.plan_join(wish, nodes.outside(), nodes.WAITING, False)
        yield f"join: nasty {number}", _planned(plan)


def _roles() -> Iterator[tuple[str, Program]]:
    def planned(node: Node, role_name: str, **wish: object) -> Program:
        lost = wish.pop("lost", [])
        wanted = role_state.RoleWish(MIRROR, role_name, **wish)  # type: ignore[arg-type]
        state = role_state.RoleState(node, partner="MIRRORA", lost=lost)  # type: ignore[arg-type]
        return _planned(role.make_plan(wanted, state, [], nodes.WAITING))

    for wanted in ("primary", "failover", "dr"):
        yield f"role: read {wanted}", Program(*role_state.observe(role_state.RoleWish(MIRROR, wanted)))
    failover = [nodes.member(), nodes.member("MIRRORB", role="backup")]
    recovery = nodes.recovery(members=[*failover, nodes.member("MIRRORC", type="dr", role="async")])
    alone = dataclasses.replace(recovery, status="WAITING")
    lost = {"allow_data_loss": True, "lost": ["MIRRORB"]}
    yield "role: switchover", planned(nodes.backup(), "primary")
    orphan = nodes.backup(is_backup=False, status="WAITING")
    yield "role: takeover", planned(orphan, "primary", allow_data_loss=True)
    yield "role: promotion", planned(recovery, "failover")
    yield "role: promotion with the primary", planned(recovery, "failover", **lost)
    yield "role: promotion with a partner", planned(alone, "failover", partner="MIRRORA", **lost)
    both = {"allow_data_loss": True, "lost": ["MIRRORA", "MIRRORB"]}
    yield "role: promotion alone", planned(alone, "failover", **both)
    yield "role: demotion", planned(nodes.backup(), "dr")
    yield "role: demotion of the partner", planned(nodes.inside(members=failover), "dr", member="MIRRORB")


def _lifecycle() -> Iterator[tuple[str, Program]]:
    yield "member: read", Program(*lifecycle.observe(MIRROR))
    backup = lifecycle.Membership(nodes.backup(), started=True, configured=True, joins=True)
    stopped = lifecycle.Membership(nodes.backup(status="STOPPED"), configured=True, joins=True, holder="MIRRORA")
    last = lifecycle.Membership(nodes.inside(), started=True, configured=True, joins=True)
    reporting = nodes.inside(member_type="reporting_ro", is_primary=False, mirrors=["OTHER", MIRROR])
    one_of_two = lifecycle.Membership(reporting, started=True, configured=True, joins=True)
    for name, state, wish in (
        ("start", stopped, {"state": "started", "failover": "allowed"}),
        ("stop", backup, {"state": "stopped", "failover": "blocked"}),
        ("leave", backup, {"state": "absent", "detach_databases": True, "remove_tls": True}),
        ("leave one", one_of_two, {"state": "absent"}),
        ("leave last", last, {"state": "absent", "remove_mirror": True}),
    ):
        plan = lifecycle.make_plan(lifecycle.MemberWish(MIRROR, **wish), state, nodes.WAITING, False)
        yield f"member: {name}", _planned(plan)


def _tls(text: str) -> dict[str, str]:
    return {"CAFile": text, "CertificateFile": text, "PrivateKeyFile": text, "PrivateKeyPassword": text}


def _tls_of_members() -> Iterator[tuple[str, Program]]:
    yield "read: tls", Program(*member_tls.observe())
    yield "read: approvals", Program(*approval.observe(MIRROR))
    for number, text in enumerate(NASTY):
        wish = member_tls.TlsWish(
            files=dict.fromkeys(member_tls.FILES, text + "x"),
            password=text,
            dn=text + "x",
            reconnect="changed",
            verify="all",
        )
        state = member_tls.TlsState(nodes.backup(settings=nodes.settings(use_tls=True)), {}, "CN=old")
        yield f"tls: member {number}", _planned(member_tls.plan(wish, state, nodes.WAITING, False))
        expected = [approval.Expected("MIRRORB", text), approval.Expected("MIRRORC", text + "x")]
        waits = nodes.inside(settings=nodes.settings(use_tls=True))
        before = approval.Approvals(
            waits, {"MIRRORB": "CN=old"}, [approval.Pending("MIRRORC", "G", text + "x", "member")]
        )
        plan = approval.plan_approve(MIRROR, expected, before, nodes.WAITING, False)
        yield f"approval: {number}", _planned(plan)
        before = approval.Approvals(waits, {}, [approval.Pending("MIRRORC", text, text, "member")])
        plan = approval.plan_reject(MIRROR, [approval.Expected("MIRRORC")], before, False)
        yield f"rejection: {number}", _planned(plan)
    for require in (True, False):
        state = member_tls.TlsState(nodes.inside(settings=nodes.settings(use_tls=not require)), {}, "")
        plan = member_tls.plan(member_tls.TlsWish(require=require), state, nodes.WAITING, False)
        yield f"tls: require {require}", _planned(plan)
    one = {"Enabled": "0", **dict.fromkeys(member_tls.FILES.values(), "")}
    disabled = {member_tls.CLIENT: one, member_tls.SERVER: one}
    state = member_tls.TlsState(nodes.outside(), disabled, "")
    wish = member_tls.TlsWish(files=dict.fromkeys(member_tls.FILES, ""))
    yield "tls: disabled", _planned(member_tls.plan(wish, state, nodes.WAITING, False))


def _services() -> Iterator[tuple[str, Program]]:
    for enabled in (0, 1):
        modify = Call("Security.Services", "Modify", reader.SERVICE, Array({"Enabled": enabled}))
        yield f"service: {enabled}", Program(Do("modify", modify), *reader.membership_steps())


def _databases() -> Iterator[tuple[str, Program]]:
    wishes = [
        databases.DatabaseWish(f"DB{number}", f"/{text}/", 10, 100, 5, text, number % 2 == 0)
        for number, text in enumerate(NASTY)
    ]
    present = [
        nodes.entry(wish.name, directory=wish.directory, mounted=number % 2 == 0) for number, wish in enumerate(wishes)
    ]
    yield "databases: create", _planned(databases.plan_present(wishes, []))
    yield "databases: correct", _planned(databases.plan_present(wishes, present))
    for delete in (False, True):
        yield f"databases: remove {delete}", _planned(databases.plan_absent(wishes, present, delete))
    many = [databases.DatabaseWish(f"DB{number}", f"/data/{number}/") for number in range(200)]
    yield "databases: two hundred", _planned(databases.plan_present(many, []))


def _namespaces() -> Iterator[tuple[str, Program]]:
    mappings = [
        namespaces.Mapping("APP", kind, name, "COMPANY")
        for kind in namespaces.MAPPING_CLASSES
        for name in ("Company*", "%Lib", NASTY[4])
    ]
    wishes = [namespaces.NamespaceWish("APP", "COMPANY", "CODE", "IRISTEMP", mappings)]
    missing = namespaces.NamespaceState(mappings={(one.kind, one.name): "" for one in mappings})
    elsewhere = namespaces.NamespaceState(
        {"globals": "X", "routines": "X", "temporary": "X"}, True, {(one.kind, one.name): "X" for one in mappings}
    )
    names = ["COMPANY", "CODE", "IRISTEMP"]
    yield "namespaces: read", Program(*namespaces.observe(wishes))
    yield "namespaces: create", _planned(namespaces.plan_present(wishes, [missing], names, False))
    yield "namespaces: modify", _planned(namespaces.plan_present(wishes, [elsewhere], names, False))
    yield "namespaces: delete", _planned(namespaces.plan_absent(wishes, [elsewhere]))


def _globals() -> Iterator[tuple[str, Program]]:
    wishes = [global_nodes.NodeWish(text, "Company.x", [text, text], text) for text in NASTY]
    # A node is passed as a whole on one line, so that its name can be long in total without being cut.
    wishes.append(global_nodes.NodeWish("USER", "%a", [], "value"))
    there = [global_nodes.NodeState(11, "other") for _wish in wishes]
    yield "globals: read", Program(*global_nodes.observe(wishes))
    yield "globals: set", _planned(global_nodes.plan_present(wishes, there))
    yield "globals: kill", _planned(global_nodes.plan_absent(wishes, there))


def _mirrored() -> Iterator[tuple[str, Program]]:
    wishes = [mirrored.MirroredWish(f"DB{number}", f"M{number}", f"/{text}/") for number, text in enumerate(NASTY)]
    entries = [nodes.entry(wish.name, directory=wish.directory) for wish in wishes]

    def state(node: Node, files: bool) -> mirrored.MemberState:
        return mirrored.MemberState(node, entries, [files for _wish in wishes])

    yield "mirrored: read", Program(*mirrored.observe(MIRROR, wishes))
    for waiting in (nodes.WAITING, nodes.NO_WAITING):
        primary = mirrored.plan_primary(MIRROR, wishes, state(nodes.inside(), False), waiting, False)
        yield f"mirrored: add, wait {waiting.enabled}", _planned(primary)
        for files, kept in ((False, ""), (True, placing.kept_name("20260101"))):
            member = mirrored.plan_member(MIRROR, wishes, state(nodes.backup(), files), waiting, kept)
            yield f"mirrored: seed, files {files}, wait {waiting.enabled}", _planned(member)


def _removals() -> Iterator[tuple[str, Program]]:
    wishes = [mirrored.MirroredWish(f"DB{number}", f"M{number}", f"/{text}/") for number, text in enumerate(NASTY)]
    entries = [nodes.entry(wish.name, directory=wish.directory) for wish in wishes]
    copies = [nodes.mirrored(wish.mirror_name, directory=wish.directory) for wish in wishes]
    yield "removal: read", Program(*removal.observe(MIRROR))
    yield "removal: ask the primary", Program(*removal.observe_primary(MIRROR))
    for delete in (False, True):
        state = removal.RemovalState(nodes.inside(databases=copies), entries)
        yield (
            f"removal: delete {delete}",
            _planned(removal.make_plan(removal.RemovalWish(MIRROR, wishes, delete_data=delete), state)),
        )


def _seeding() -> Iterator[tuple[str, Program]]:
    directories = [f"/{text}/" for text in NASTY]
    items = [{"name": "DB", "directory": directory} for directory in directories]
    size = Read("size", {"bytes": Call("%Library.File", "GetFileSize", Joined(Item("directory"), placing.PARTIAL))})
    yield "seeding: frozen", seeding.frozen_copy(directories, 300)
    copies = [{"name": "A", "directory": "/data/A/", "target": "/backups/1/A/"}]
    yield "backup: observe", Program(*backup.observe("MIRRORSET", "/backups/1/"))
    yield "backup: directories", backup.make_directories(copies)
    yield "backup: copy", backup.copy("MIRRORSET", copies, 300)
    yield "backup: labels", backup.labels(copies)
    yield "backup: remove", backup.remove(copies)
    yield "seeding: cold", seeding.cold_copy(directories)
    yield "seeding: clean", seeding.remove_clones(directories)
    yield "seeding: directories", Program(Each("directories", items, [databases.make_directory()]))
    yield "seeding: sizes", Program(Each("sizes", items, [size]))


def _probing() -> Iterator[tuple[str, Program]]:
    yield "probing: begin", probing.begin()
    for number, text in enumerate(NASTY):
        wish = probing.Wish("APP", "Probe.x", text, 0.2, 10, False, 5)
        yield f"probing: observe {number}", probing.observe(wish)
        yield f"probing: write {number}", probing.write(wish, text, 7, "2026-01-04T12:00:00.000+00:00")
        yield f"probing: read back {number}", probing.read_back(wish, [text, "mirrorB"])
def _config() -> Iterator[tuple[str, Program]]:
    options = config_drift.Options(config_kinds.OPTIONS, prune=True, passwords={"u": NASTY[4]})
    yield "config: read", Program(*config_drift.observe(MIRROR, options))
    yield "config: namespaces", Program(*namespace_list.observe())
    # Each text stands in more than a hundred properties: a few kinds of nastiness are enough
    for number, text in enumerate((NASTY[3], NASTY[4], NASTY[-2][:200], "")):
        known = config(text)
        bare = config_drift.Observation(nodes.backup(), [text.upper()], {number: {} for number in known.objects})
        other = config(text + "x" if text else "y")
        for name, primary, here in (("create", known, bare), ("modify", other, known), ("delete", bare, known)):
            found = config_drift.compare(options, primary, here)
            yield f"config: {name} {number}", _planned(config_apply.make_plan(found, options, here, lambda: "p", True))


def config(text: str) -> config_drift.Observation:
    """An object of every kind with the same names and, in all properties, a text."""
    objects = {}
    for number, kind in enumerate(config_kinds.KINDS):
        values = dict.fromkeys(kind.step.properties, text)
        values.update(
            {name: known for name, known in {"Name": "t", "Flags": "1", "Type": "2"}.items() if name in values}
        )
        values.update({"RunAfterGUID": "t"} if "RunAfterGUID" in values else {})
        objects[number] = {kind.name_of(Found("NS", "u", values)).casefold(): Found("NS", "u", values)}
    return config_drift.Observation(nodes.backup(), [], objects)
