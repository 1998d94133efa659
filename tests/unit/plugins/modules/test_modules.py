# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module from its options to its output: check mode, the real run, the second run, failures, secrets."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest

from ansible_collections.irisops.mirror.plugins.module_utils._errors import TransportError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import seeding
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import Node
from ansible_collections.irisops.mirror.tests.unit.support import modules, nodes
from ansible_collections.irisops.mirror.tests.unit.support.fakes import Exchange, FakeTransport, Reply, Script, failed
from ansible_collections.irisops.mirror.tests.unit.support.modules import Run, Runner

SECRET = 'hunter"2'
TLS = {
    "ca_file": "/ca",
    "certificate_file": "/cert",
    "private_key_file": "/key",
    "private_key_password": SECRET,
}
CREATE = {"name": "mirrorset", "member": "mirrora", "superserver_address": "10.0.0.1"}
JOIN = {
    "name": "MIRRORSET",
    "member": "MIRRORB",
    "superserver_address": "10.0.0.2",
    "primary": {"address": "10.0.0.1"},
}
DATABASE = {"name": "company", "directory": "/shared/durable/mgr/COMPANY"}
PARTNERS = [
    nodes.member(),
    nodes.member(
        "MIRRORB", role="backup", superserver_address="10.0.0.2", mirror_address="10.0.0.2", agent_address="10.0.0.2"
    ),
]
COPY = nodes.mirrored("COMPANY", read_only=True)
ENTRY = nodes.entry("COMPANY", mirrored=True, read_only=True, mirror_name="COMPANY")
SOURCE = nodes.inside(databases=[nodes.mirrored("COMPANY")])


def source_of_copies() -> FakeTransport:
    transport = FakeTransport(Exchange(nodes.answers(SOURCE)), Exchange(), Exchange(), name="mirrorA")
    transport.files[nodes.directory("COMPANY") + seeding.CLONE] = b"x" * 4096
    return transport


@dataclasses.dataclass
class Case:
    """A module with options; what the node says before and after; what the result holds."""

    module: str
    params: dict[str, t.Any]
    before: Script
    after: Script
    diff: dict[str, t.Any]  # name -> value afterwards
    noun: str
    value: dict[str, t.Any]  # a part of the noun (of its first element) after the work
    calls: tuple[str, ...]  # what the acting program contains
    target: str = "mirrorA"
    middle: tuple[Exchange, ...] = ()  # runs on the node between reading and acting
    source: t.Callable[[], FakeTransport] | None = None

    def node(self, *exchanges: Exchange) -> FakeTransport:
        return FakeTransport(*exchanges, name=self.target)

    @property
    def options(self) -> dict[str, t.Any]:
        return {"container": self.target, **self.params}


def global_node(defined: int, value: str) -> Script:
    return {"node 0": Reply(value={"defined": defined, "value": value})}


def namespace(there: bool) -> Script:
    reply = Reply(value={"globals": "COMPANY", "routines": "COMPANY", "temporary": "IRISTEMP"})
    mapping = Reply(value={"database": "COMPANY"})
    script = nodes.answers(nodes.outside(), [nodes.entry("COMPANY")])
    return {
        **script,
        "namespace 0": reply if there else failed(433),
        "mapping 0 0": mapping if there else failed(421),
    }


def lifecycle_of(node: t.Any, configured: bool, removed: bool = False) -> Script:
    return {
        **nodes.answers(node),
        "started": Reply(value={"value": int(configured)}),
        "configured": Reply(value={"holder": ""}) if configured else failed(420),
        "joins": Reply(value={"value": int(configured)}) if configured else failed(420),
        "removed": Reply(value={"value": int(removed)}),
    }


DN = "CN=mirrorB,O=Demo\\\\, Inc"
STRANGER = {"member": "STRANGER", "dn": "CN=x", "kind": "update", "expected": False}
CONFIGURED = Reply(value={"Enabled": 1, "CAFile": "/ca", "CertificateFile": "/cert", "PrivateKeyFile": "/key"})


def certificates(there: bool, dn: str, node: Node) -> Script:
    """A member with TLS configurations or without, and the names that its mirror has."""
    return {
        **nodes.answers(node),
        "%MirrorClient": CONFIGURED if there else failed(979),
        "%MirrorServer": CONFIGURED if there else failed(979),
        "names": Reply(rows=[["MIRRORA", "CN=mirrorA"], ["MIRRORB", dn]]),
    }


def waiting(is_in: bool) -> Script:
    return {
        **nodes.answers(nodes.inside(settings=nodes.settings(use_tls=True))),
        "known": Reply(rows=[["MIRRORA", "CN=mirrorA"], *([["MIRRORB", DN]] if is_in else [])]),
        "pending member": Reply(rows=[] if is_in else [["MIRRORB", "G-2", DN]]),
        "pending update": Reply(rows=[["STRANGER", "G-9", "CN=x"]]),
    }


CASES = {
    "certificates": Case(
        "iris_mirror_tls",
        {**TLS, "dn": DN, "reconnect": "changed"},
        certificates(False, "CN=old", nodes.backup(settings=nodes.settings(use_tls=True))),
        certificates(True, DN, nodes.backup(settings=nodes.settings(use_tls=True))),
        {"ca_file": "/ca", "certificate_file": "/cert", "private_key_file": "/key", "dn": DN},
        "tls",
        {"configured": True, "enabled": True, "certificate_file": "/cert", "dn": DN, "required": True},
        ("##class(SYS.Mirror).UpdateMirrorSSL(", '"hunter""2"', ").UpdateDNinMirrorSetMember(", ").StartMirror("),
        target="mirrorB",
    ),
    "require tls": Case(
        "iris_mirror_tls",
        {"require": True},
        certificates(True, "", nodes.inside()),
        certificates(True, "", nodes.inside(settings=nodes.settings(use_tls=True))),
        {"required": True},
        "tls",
        {"required": True},
        ("##class(SYS.Mirror).VerifyMirrorSSLCertificates(", "##class(SYS.Mirror).UpdateMirrorUseSSL("),
    ),
    "approval": Case(
        "iris_mirror_approval",
        {"name": "mirrorset", "expected": [{"member": "mirrorb", "dn": DN}]},
        waiting(False),
        waiting(True),
        {"MIRRORB": {"dn": DN}},
        "approval",
        {
            "members": [{"member": "MIRRORA", "dn": "CN=mirrorA"}, {"member": "MIRRORB", "dn": DN}],
            "pending": [STRANGER],
            "missing": [],
        },
        ("##class(SYS.Mirror).AuthorizePendingMembers(",),
    ),
    "rejection": Case(
        "iris_mirror_approval",
        {"name": "mirrorset", "expected": [{"member": "mirrorb"}], "state": "absent"},
        waiting(False),
        {**waiting(True), "known": Reply(rows=[["MIRRORA", "CN=mirrorA"]])},
        {"MIRRORB": None},
        "approval",
        {"members": [{"member": "MIRRORA", "dn": "CN=mirrorA"}], "pending": [STRANGER]},
        ("##class(SYS.Mirror).RemoveFromApprovalList(",),
    ),
    "service": Case(
        "iris_mirror_service",
        {},
        nodes.answers(nodes.outside(service_enabled=False)),
        nodes.answers(nodes.outside()),
        {"enabled": True},
        "service",
        {"name": "%Service_Mirror", "enabled": True},
        ("##class(Security.Services).Modify(",),
    ),
    "create": Case(
        "iris_mirror_create",
        {**CREATE, "mirror_tls": TLS, "arbiter": {"address": "arbiter"}, "require_tls": True},
        nodes.answers(nodes.outside()),
        nodes.answers(nodes.inside(settings=nodes.settings(use_tls=True))),
        {"mirror": {"name": "MIRRORSET", "member": "MIRRORA", "arbiter": "arbiter|2188", "use_tls": True}},
        "mirror",
        {"name": "MIRRORSET", "member": "MIRRORA", "role": "primary", "type": "failover"},
        ("##class(SYS.Mirror).CreateNewMirrorSet(", '"hunter""2"'),
    ),
    "join": Case(
        "iris_mirror_join",
        {**JOIN, "mirror_tls": TLS},
        nodes.answers(nodes.outside()),
        nodes.answers(nodes.backup(members=PARTNERS)),
        {"member": {"mirror": "MIRRORSET", "member": "MIRRORB", "type": "failover"}},
        "mirror",
        {"name": "MIRRORSET", "member": "MIRRORB", "role": "backup"},
        ("##class(SYS.Mirror).JoinMirrorAsFailoverMember(",),
        target="mirrorB",
    ),
    "switchover": Case(
        "iris_mirror_role",
        {"mirror": "mirrorset", "role": "primary"},
        nodes.answers(nodes.backup(members=PARTNERS)),
        nodes.answers(nodes.inside(member_name="MIRRORB", members=PARTNERS)),
        {"role": "primary"},
        "mirror",
        {"name": "MIRRORSET", "member": "MIRRORB", "role": "primary", "type": "failover"},
        ("##class(SYS.Mirror).BecomePrimary(",),
        target="mirrorB",
    ),
    "promotion": Case(
        "iris_mirror_role",
        {"mirror": "mirrorset", "role": "failover"},
        {
            **nodes.answers(nodes.recovery()),
            "promotion": Reply(value={"unavailable": "", "partner": "MIRRORA"}),
        },
        nodes.answers(nodes.backup(member_name="MIRRORC", members=PARTNERS)),
        {"type": "failover"},
        "mirror",
        {"name": "MIRRORSET", "member": "MIRRORC", "role": "backup", "type": "failover"},
        ("##class(SYS.Mirror).Promote(.mOutUntold)",),
        target="mirrorC",
    ),
    "demotion": Case(
        "iris_mirror_role",
        {"mirror": "mirrorset", "role": "dr"},
        nodes.answers(nodes.backup(members=PARTNERS)),
        nodes.answers(nodes.recovery(member_name="MIRRORB")),
        {"type": "dr"},
        "mirror",
        {"name": "MIRRORSET", "member": "MIRRORB", "role": "async", "type": "dr"},
        ("##class(SYS.Mirror).Demote(",),
        target="mirrorB",
    ),
    "member": Case(
        "iris_mirror_member",
        {"mirror": "mirrorset", "state": "absent"},
        lifecycle_of(nodes.backup(members=PARTNERS), configured=True),
        lifecycle_of(nodes.outside(), configured=False, removed=True),
        {"member": None},
        "member",
        {"mirror": "", "name": "", "type": "none", "restart_required": True},
        ("##class(SYS.Mirror).RemoveMirrorConfiguration(",),
        target="mirrorB",
    ),
    "database": Case(
        "iris_database",
        {"databases": [{**DATABASE, "size": 10}]},
        nodes.answers(nodes.outside()),
        nodes.answers(nodes.outside(), [nodes.entry("COMPANY", size=10)]),
        {"COMPANY": {"directory": nodes.directory("COMPANY"), "size": 10, "mounted": True}},
        "databases",
        {"name": "COMPANY", "directory": nodes.directory("COMPANY"), "present": True, "mounted": True, "size": 10},
        ("##class(SYS.Database).CreateDatabase(",),
    ),
    "database absent": Case(
        "iris_database",
        {"databases": [DATABASE], "state": "absent", "delete_data": True},
        nodes.answers(nodes.outside(), [nodes.entry("COMPANY")]),
        nodes.answers(nodes.outside()),
        {"COMPANY": {"data": "deleted"}},
        "databases",
        {"name": "COMPANY", "present": False, "mounted": False},
        ("##class(SYS.Database).DeleteDatabase(",),
    ),
    "namespace": Case(
        "iris_namespace",
        {
            "namespaces": [
                {"name": "app", "globals": "company", "global_mappings": [{"name": "^Co*", "database": "company"}]}
            ]
        },
        namespace(False),
        namespace(True),
        {"APP": {"globals": "COMPANY", "routines": "COMPANY"}, "APP.globals.Co*": "COMPANY"},
        "namespaces",
        {
            "name": "APP",
            "present": True,
            "globals": "COMPANY",
            "mappings": [{"kind": "globals", "name": "Co*", "database": "COMPANY"}],
        },
        ("##class(Config.Namespaces).Create(", "##class(Config.MapGlobals).Create("),
    ),
    "global": Case(
        "iris_global",
        {"globals": [{"namespace": "user", "name": "Company", "subscripts": ["1"], "value": "new"}]},
        global_node(1, "old"),
        global_node(1, "new"),
        {"USER:^Company(1)": "new"},
        "globals",
        {"namespace": "USER", "name": "Company", "subscripts": ["1"], "defined": True, "value": "new"},
        ('set ^|"USER"|Company("1")="new"',),
    ),
    "global absent": Case(
        "iris_global",
        {"globals": [{"namespace": "user", "name": "Company"}], "state": "absent"},
        global_node(11, "old"),
        global_node(0, ""),
        {"USER:^Company": None},
        "globals",
        {"defined": False, "value": None},
        ('kill ^|"USER"|Company',),
    ),
    "databases on the primary": Case(
        "iris_mirror_db",
        {"mirror": "mirrorset", "databases": [{"name": "company"}]},
        nodes.answers(nodes.inside(), [nodes.entry("COMPANY")], [False]),
        nodes.answers(SOURCE, [nodes.entry("COMPANY", mirrored=True)], [True]),
        {"COMPANY": {"mirror": "MIRRORSET", "directory": nodes.directory("COMPANY")}},
        "databases",
        {"name": "COMPANY", "mirrored": True, "read_only": False, "caught_up": True},
        ("##class(SYS.Mirror).AddDatabase(",),
    ),
    "databases on the backup": Case(
        "iris_mirror_db",
        {"mirror": "mirrorset", "databases": [DATABASE], "source": {"container": "mirrorA"}},
        nodes.answers(nodes.backup(), [], [False]),
        nodes.answers(nodes.backup(databases=[COPY]), [ENTRY], [True]),
        {"COMPANY": {"mirror": "MIRRORSET", "directory": nodes.directory("COMPANY"), "seeded": True}},
        "databases",
        {"name": "COMPANY", "mirrored": True, "read_only": True, "caught_up": True},
        ("##class(SYS.Mirror).ActivateMirroredDatabase(", "##class(SYS.Mirror).CatchupDB("),
        target="mirrorB",
        middle=(Exchange(), Exchange({("sizes", "size", 0): Reply(value={"bytes": 4096})})),
        source=source_of_copies,
    ),
}
EACH_CASE = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))

#: Modules that only read, with what they return.
READING: dict[str, tuple[dict[str, t.Any], Script, str, dict[str, t.Any]]] = {
    "iris_mirror_info": (
        {},
        nodes.answers(nodes.backup(databases=[COPY], missing_databases=["PERSONAL"]), [ENTRY]),
        "mirror",
        {"name": "MIRRORSET", "role": "backup", "failover_ready": True},
    ),
    "iris_global_info": (
        {"globals": [{"namespace": "USER", "name": "Company", "subscripts": ["1"]}]},
        global_node(1, "x"),
        "globals",
        {"namespace": "USER", "name": "Company", "subscripts": ["1"], "defined": True, "value": "x"},
    ),
    "iris_instance_info": (
        {},
        {
            "version": Reply(value={"zversion": nodes.ZVERSION}),
            "member": Reply(value={"type": "Failover"}),
            "licence": Reply(value={"customer": "ACME", "expires": 67000, "units": 8}),
        },
        "instance",
        {"name": "IRIS", "ready": True, "version": "2024.1", "member_type": "failover"},
    ),
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(monkeypatch, capsys)


def part(value: t.Any, expected: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    found = value[0] if isinstance(value, list) else value
    return {key: found[key] for key in expected}


def real(run: Runner, case: Case) -> Run:
    node = case.node(Exchange(case.before), *case.middle, Exchange(case.after, contains=case.calls))
    others = [case.source()] if case.source is not None else []
    return run(case.module, case.options, node, *others)


@EACH_CASE
def test_check_mode_promises_what_the_real_run_does(case: Case, run: Runner) -> None:
    checked = run(case.module, case.options, case.node(Exchange(case.before, lacks=case.calls)), check=True)
    done = real(run, case)
    assert checked["changed"] is done["changed"] is True
    assert checked["diff"]["after"] == done["diff"]["after"] == case.diff
    assert checked["diff"]["before"] == done["diff"]["before"]
    assert checked["diff"]["before_header"] == case.target
    assert checked.steps() == done.steps()
    assert {action["status"] for action in checked["actions"]} == {"planned"}
    assert {action["status"] for action in done["actions"]} == {"ok"}
    assert part(done[case.noun], case.value) == case.value
    assert part(checked[case.noun], case.value) == case.value
    assert checked["sessions"] == 1
    assert done["sessions"] == 2 + len(case.middle)


@EACH_CASE
@pytest.mark.parametrize("check", [False, True])
def test_the_second_run_changes_nothing_and_sends_nothing_that_writes(case: Case, run: Runner, check: bool) -> None:
    again = run(case.module, case.options, case.node(Exchange(case.after, lacks=case.calls)), check=check)
    assert (again["changed"], again["actions"], again["sessions"]) == (False, [], 1)
    assert "diff" not in again.result
    assert part(again[case.noun], case.value) == case.value


@EACH_CASE
def test_a_session_that_breaks_off_is_a_failure(case: Case, run: Runner) -> None:
    broken = Exchange(output=f"%SYS>\r\n set x={json.dumps(SECRET)} <SYNTAX>", lacks=case.calls)
    failure = run(case.module, case.options, case.node(broken))
    assert failure.failed
    assert failure["error"]["code"] == "session_failed"
    assert failure["error"]["member"] == case.target
    assert failure["msg"].startswith(f"{case.target}: ")


@pytest.mark.parametrize("name", list(READING))
@pytest.mark.parametrize("check", [False, True])
def test_modules_that_read(name: str, check: bool, run: Runner) -> None:
    params, script, noun, value = READING[name]
    found = run(name, params, FakeTransport(Exchange(script)), check=check)
    assert (found["changed"], found["actions"], found["sessions"]) == (False, [], 1)
    assert part(found[noun], value) == value


# Failures


def test_an_error_of_iris_has_number_code_and_remedy(run: Runner) -> None:
    case = CASES["create"]
    refused = {**case.before, "create the mirror": Reply(False, codes=[2065, 2099], text="Lizenz fehlt")}
    node = case.node(Exchange(case.before), Exchange(refused))
    failure = run(case.module, case.options, node)
    assert failure.failed
    assert (failure["error"]["code"], failure["error"]["numbers"]) == ("licence_missing", [2065, 2099])
    assert "Lizenz fehlt" in failure["msg"]
    assert failure["error"]["remedy"] in failure["msg"]
    assert failure["changed"] is False
    assert failure["mirror"]["name"] == "", "the object as last seen"
    assert [action["status"] for action in failure["actions"]] == ["failed"]


def test_one_of_two_databases_fails(run: Runner) -> None:
    params = {"databases": [DATABASE, {"name": "B", "directory": "/b"}]}
    script = {**nodes.answers(nodes.outside(), [nodes.entry("COMPANY")])}
    script[("create", "create the database", 1)] = failed(73, text="no directory")
    failure = run("iris_database", params, FakeTransport(Exchange(), Exchange(script)))
    assert failure.failed
    assert failure["changed"] is True
    assert failure["error"]["code"] == "directory_missing"
    assert [one["present"] for one in failure["databases"]] == [True, False]


@pytest.mark.parametrize(
    ("module", "params", "code"),
    [
        ("iris_mirror_create", {**CREATE, "name": "MIRROR_SET"}, "mirror_name_invalid"),
        ("iris_mirror_create", {**CREATE, "name": "m" * 16}, "mirror_name_invalid"),
        ("iris_mirror_create", {**CREATE, "member": "a:b"}, "member_name_invalid"),
        ("iris_mirror_create", {**CREATE, "superserver_address": "a b"}, "address_invalid"),
        ("iris_mirror_create", {**CREATE, "agent_port": 0}, "address_invalid"),
        ("iris_mirror_create", {**CREATE, "arbiter": {"address": "a", "port": 70000}}, "address_invalid"),
        ("iris_mirror_create", {**CREATE, "qos_timeout": 300001}, "qos_timeout_invalid"),
        ("iris_mirror_create", {**CREATE, "virtual_address": "192.0.2.1/24"}, "virtual_address_invalid"),
        (
            "iris_mirror_create",
            {**CREATE, "virtual_address": "192.0.2.1", "virtual_address_interface": "eth0"},
            "virtual_address_invalid",
        ),
        ("iris_mirror_create", {**CREATE, "wait_sleep": 0}, "wait_invalid"),
        ("iris_mirror_join", {**JOIN, "wait_stable": 0}, "wait_invalid"),
        ("iris_mirror_join", {**JOIN, "primary": {"address": "x;y"}}, "address_invalid"),
        ("iris_mirror_db", {"mirror": "M", "databases": [{"name": "IRISSYS"}]}, "system_database"),
        ("iris_mirror_db", {"mirror": "M", "databases": [{"name": "A", "directory": "rel"}]}, "directory_invalid"),
        ("iris_mirror_db", {"mirror": "M", "databases": [], "freeze_limit": 601}, "freeze_limit_invalid"),
        ("iris_database", {"databases": [{"name": 'A"B', "directory": "/a"}]}, "database_name_invalid"),
        ("iris_database", {"databases": [{"name": "A", "directory": "/a\nhalt"}]}, "directory_invalid"),
        ("iris_namespace", {"namespaces": [{"name": "A B"}]}, "namespace_name_invalid"),
        ("iris_global", {"globals": [{"namespace": "USER", "name": "x"}]}, "value_missing"),
        ("iris_global", {"globals": [{"namespace": "USER", "name": "x) halt", "value": "1"}]}, "global_name_invalid"),
        ("iris_mirror_info", {"mirror": "a-b"}, "mirror_name_invalid"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_bad_input_is_refused_before_anything_is_sent(
    module: str, params: dict[str, t.Any], code: str, check: bool, run: Runner
) -> None:
    failure = run(module, params, FakeTransport(), check=check)
    assert failure.failed
    assert failure["error"]["code"] == code
    assert failure["error"]["remedy"]


@pytest.mark.parametrize(
    ("module", "params", "script", "code"),
    [
        ("iris_mirror_service", {"state": "disabled"}, nodes.answers(nodes.inside()), "is_member"),
        ("iris_namespace", {"namespaces": [{"name": "APP"}]}, {"namespace 0": failed(433)}, "globals_missing"),
        ("iris_global_info", {"globals": [{"namespace": "NO", "name": "x"}]}, {"node 0": failed(5002)}, "not_readable"),
        (
            "iris_mirror_db",
            {"mirror": "M", "databases": [{"name": "A"}]},
            nodes.answers(nodes.outside()),
            "not_a_member",
        ),
        (
            "iris_mirror_db",
            {"mirror": "MIRRORSET", "databases": [DATABASE]},
            nodes.answers(nodes.backup()),
            "source_missing",
        ),
    ],
)
def test_what_contradicts_the_node_is_refused(
    module: str, params: dict[str, t.Any], script: Script, code: str, run: Runner
) -> None:
    failure = run(module, params, FakeTransport(Exchange(script)))
    assert failure.failed
    assert failure["error"]["code"] == code


def test_a_mirror_member_loses_the_service_only_by_force(run: Runner) -> None:
    before, after = nodes.inside(), nodes.inside(service_enabled=False)
    node = FakeTransport(Exchange(nodes.answers(before)), Exchange(nodes.answers(after)))
    assert run("iris_mirror_service", {"state": "disabled", "force": True}, node)["service"]["enabled"] is False


def test_warnings_name_the_node(run: Runner) -> None:
    script = nodes.answers(nodes.inside(settings=nodes.settings(qos_timeout=1)))
    found = run("iris_mirror_create", {**CREATE, "qos_timeout": 9000}, FakeTransport(Exchange(script)))
    (warning,) = found["warnings"]
    assert "mirrorA" in str(warning)
    assert "qos_timeout" in str(warning)


def test_a_wait_that_ends_tells_what_was_seen(run: Runner) -> None:
    case = CASES["join"]
    late = {**case.after, "become ready for a failover": Reply(False, value="0", seconds=30)}
    failure = run(case.module, case.options, case.node(Exchange(case.before), Exchange(late)))
    assert failure.failed
    assert failure["error"]["code"] == "wait_timeout"
    assert "last seen '0'" in failure["msg"]
    assert failure["changed"] is True
    assert failure["mirror"]["role"] == "backup"
    assert failure["duration"] >= 30


# Instances that are not ready


def test_an_instance_is_asked_until_it_answers(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(modules.load("iris_instance_info").time, "sleep", pauses.append)
    script = READING["iris_instance_info"][1]
    starting = [Exchange(rc=239, output="") for _once in range(2)]
    stopped = Exchange(error=TransportError("container_not_running", "not yet", node="mirrorA"))
    found = run(
        "iris_instance_info", {"wait": True, "wait_sleep": 0.5}, FakeTransport(*starting, stopped, Exchange(script))
    )
    assert found["instance"]["ready"] is True
    assert pauses == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("params", "check", "code"),
    [
        ({}, False, None),
        ({"wait": True}, True, None),
        ({"wait": True, "wait_timeout": 0}, False, "wait_timeout"),
    ],
)
def test_an_instance_that_does_not_answer(params: dict[str, t.Any], check: bool, code: str | None, run: Runner) -> None:
    found = run("iris_instance_info", params, FakeTransport(Exchange(rc=239, output="")), check=check)
    assert found.failed is (code is not None)
    if code:
        assert found["error"]["code"] == code
    else:
        assert found["instance"]["ready"] is False
        assert "sign-on" in found["instance"]["reason"]


def test_what_time_cannot_cure_is_not_waited_for(run: Runner) -> None:
    gone = Exchange(error=TransportError("engine_unreachable", "no engine", node="mirrorA"))
    failure = run("iris_instance_info", {"wait": True}, FakeTransport(gone))
    assert failure["error"]["code"] == "engine_unreachable"


# Secrets and the documented shape


@pytest.mark.parametrize("case", [CASES["create"], CASES["join"]], ids=["create", "join"])
def test_a_secret_is_sent_and_never_shown(case: Case, run: Runner) -> None:
    sent: list[str] = []
    node = case.node(Exchange(case.before), Exchange(case.after))
    runs = [
        run(case.module, case.options, node),
        run(case.module, case.options, case.node(Exchange(case.before)), check=True),
        run(case.module, case.options, case.node(Exchange(output='mA1("PrivateKeyPassword")="hunter""2" <SYNTAX>'))),
    ]
    sent.extend(node.programs)
    assert '"PrivateKeyPassword")="hunter""2"' in sent[1]
    for one in runs:
        assert "hunter" not in one.text
        # ansible-core 2.21 adds the invocation only where it is asked for
        shown = one.result.get("invocation")
        if shown is not None:
            password = shown["module_args"]["mirror_tls"]["private_key_password"]
            assert password == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


FRAMEWORK = {"changed", "diff", "invocation", "warnings", "failed", "msg", "exception", "deprecations"}


def shape(value: t.Any, path: str, documented: t.Mapping[str, t.Any], seen: set[str]) -> None:
    """Every key must be documented; what is documented as always returned must be there."""
    for element in value if isinstance(value, list) else [value]:
        assert isinstance(element, dict), path
        for key, description in documented.items():
            if description.get("returned") == "always":
                assert key in element, f"{path}.{key} is documented as always returned"
        for key, inner in element.items():
            if not path and key in FRAMEWORK:
                continue
            assert key in documented, f"{path}.{key} is not documented"
            seen.add(f"{path}.{key}")
            kind = documented[key]["type"]
            expected = {"str": str, "int": int, "bool": bool, "float": (int, float), "list": list, "dict": dict}.get(
                kind
            )
            if inner is not None and expected is not None:
                assert isinstance(inner, expected), f"{path}.{key} is a {type(inner).__name__}, documented as {kind}"
            if documented[key].get("contains"):
                shape(inner, f"{path}.{key}", documented[key]["contains"], seen)


def keys(documented: t.Mapping[str, t.Any], path: str = "") -> set[str]:
    found = set()
    for key, description in documented.items():
        found.add(f"{path}.{key}")
        found |= keys(description.get("contains") or {}, f"{path}.{key}")
    return found


@pytest.mark.parametrize("name", sorted({case.module for case in CASES.values()} | set(READING)))
def test_results_have_the_documented_shape(name: str, run: Runner) -> None:
    documented = modules.returned(name)
    results: list[Run] = []
    for case in (one for one in CASES.values() if one.module == name):
        results.append(real(run, case))
        results.append(run(name, case.options, case.node(Exchange(case.before)), check=True))
        results.append(run(name, case.options, case.node(Exchange(case.after))))
        results.append(run(name, case.options, case.node(Exchange(output=""))))
    if name in READING:
        params, script, _noun, _value = READING[name]
        results.append(run(name, params, FakeTransport(Exchange(script))))
        gone = TransportError("engine_unreachable", "no engine", node="mirrorA")
        results.append(run(name, params, FakeTransport(Exchange(error=gone))))
    if name == "iris_mirror_role":
        case = CASES["switchover"]
        asked = FakeTransport(Exchange(nodes.answers(nodes.inside(members=PARTNERS))), name="mirrorA")
        options = {**case.options, "peers": [{"container": "mirrorA"}]}
        results.append(run(name, options, case.node(Exchange(case.before)), asked, check=True))
    seen: set[str] = set()
    for one in results:
        is_early = one.failed and "actions" not in one.result
        always = {key: {**value, "returned": "maybe"} if is_early else value for key, value in documented.items()}
        shape(one.result, "", always, seen)
    # Nothing is documented that never comes; actions of modules that only read stay empty.
    expected = keys(documented)
    if name in READING:
        expected = {key for key in expected if not key.startswith(".actions.")}
    assert seen == expected
