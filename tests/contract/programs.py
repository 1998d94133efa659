# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every program that the collection can send, for ordinary wishes and for nasty ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Call, Item, Joined
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Do, Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import (
    databases,
    global_nodes,
    instance,
    membership,
    mirrored,
    namespaces,
    placing,
    reader,
    seeding,
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
    sources = (_reading, _memberships, _services, _databases, _namespaces, _globals, _mirrored, _seeding)
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


def _tls(text: str) -> dict[str, str]:
    return {"CAFile": text, "CertificateFile": text, "PrivateKeyFile": text, "PrivateKeyPassword": text}


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


def _seeding() -> Iterator[tuple[str, Program]]:
    directories = [f"/{text}/" for text in NASTY]
    items = [{"name": "DB", "directory": directory} for directory in directories]
    size = Read("size", {"bytes": Call("%Library.File", "GetFileSize", Joined(Item("directory"), placing.PARTIAL))})
    yield "seeding: frozen", seeding.frozen_copy(directories, 300)
    yield "seeding: cold", seeding.cold_copy(directories)
    yield "seeding: clean", seeding.remove_clones(directories)
    yield "seeding: directories", Program(Each("directories", items, [databases.make_directory()]))
    yield "seeding: sizes", Program(Each("sizes", items, [size]))
