# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""The TLS configurations %MirrorClient and %MirrorServer of a member, and whether its mirror requires TLS.

Sources: class reference of SYS.Mirror (UpdateMirrorSSL, UpdateDNinMirrorSetMember, VerifyMirrorSSLCertificates,
UpdateMirrorUseSSL, StopMirror, StartMirror) and Security.SSLConfigs, High Availability Guide 4.10.4 and 5.4, System
Administration Guide 12.3: a changed configuration counts from the next connection on, and mirror connections are to be
dropped and made anew.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError, PreconditionError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Call, Output, Ref
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Check, Do, Guard, Read, Rows
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import SETTLED, Node
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element
    from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Waiting

CLIENT, SERVER = "%MirrorClient", "%MirrorServer"
#: Our name -> property of Security.SSLConfigs and subscript of SSLInfo
FILES = {
    "ca_file": "CAFile",
    "certificate_file": "CertificateFile",
    "private_key_file": "PrivateKeyFile",
    "crl_file": "CRLFile",
}
_READ = ("Enabled", *FILES.values())
_STOP_SECONDS = 30


@dataclasses.dataclass
class TlsWish:
    """``files`` by the names of FILES, empty to leave the configurations alone. ``reconnect`` is never, changed or
    always, ``verify`` none, member or all; ``require`` None leaves the mirror as it is."""

    mirror: str = ""
    files: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    password: str = ""
    renewed: bool = False
    dn: str = ""
    reconnect: str = "never"
    verify: str = "none"
    require: bool | None = None


@dataclasses.dataclass
class TlsState:
    """Both configurations by their names (a missing one is not there), and the names that the mirror has."""

    node: Node
    configs: dict[str, dict[str, str]]
    dn: str

    @property
    def use_tls(self) -> bool:
        return self.node.settings is not None and self.node.settings.use_tls


def observe() -> list[Element]:
    return [
        *reader.membership_steps(),
        *(
            Read(
                name,
                {key: Output(name[1:], key) for key in _READ},
                first=Call("Security.SSLConfigs", "Get", name, Ref(name[1:])),
            )
            for name in (CLIENT, SERVER)
        ),
        Rows("names", "Config.MapMirrors", "List", [reader.first_mirror(), "*"], ("Name", "SSLComputerName")),
    ]


def read(answers: Answers) -> TlsState:
    node = reader.read_node(answers)
    configs = {
        name: {key: answers.value(name, key) for key in _READ} for name in (CLIENT, SERVER) if answers.get(name).ok
    }
    names = {row["Name"].upper(): row["SSLComputerName"] for row in answers.rows("names", ("Name", "SSLComputerName"))}
    return TlsState(node, configs, names.get(node.member_name, ""))


def describe(state: TlsState) -> dict[str, t.Any]:
    """The documented value ``tls``; files are those of %MirrorClient."""
    client = state.configs.get(CLIENT, {})
    return {
        "configured": len(state.configs) == 2,
        "enabled": len(state.configs) == 2 and all(one["Enabled"] == "1" for one in state.configs.values()),
        **{name: client.get(key, "") for name, key in FILES.items()},
        "dn": state.dn,
        "required": state.use_tls,
    }


def plan(wish: TlsWish, state: TlsState, waiting: Waiting, check_mode: bool) -> Plan:
    result = Plan()
    if wish.files:
        _configurations(result, wish, state)
    mirror = _mirror(wish, state, result, check_mode)
    if not mirror:
        return result
    renamed = bool(wish.dn) and wish.dn != state.dn and (state.use_tls or bool(state.dn))
    if renamed:
        result.change("dn", state.dn, wish.dn)
    if renamed or (state.dn and result.changed):
        result.elements.append(_refresh())
    _reconnection(result, wish, state, waiting, renamed)
    _requirement(result, wish, state, mirror)
    if wish.verify != "none":
        result.waits.append(_verify(mirror, wish.verify == "all"))
    return result


def _configurations(plan: Plan, wish: TlsWish, state: TlsState) -> None:
    """Both configurations are the same but for their kind, so one call sets them together."""
    for name, value in wish.files.items():
        actual = [
            state.configs[config][FILES[name]] if config in state.configs else None for config in (CLIENT, SERVER)
        ]
        if actual != [value, value]:
            plan.change(name, actual[0] if actual[0] != value else actual[1], value)
    disabled = [name for name, config in state.configs.items() if config["Enabled"] != "1"]
    if disabled:
        plan.change("enabled", False, True)
    if wish.renewed:
        plan.change("contents", "as they were", "read anew")
    if not plan.changed:
        return
    info: dict[str, t.Any] = {FILES[name]: value for name, value in wish.files.items()}
    # What is not given keeps its value, and the password of an earlier key must not stay
    info["PrivateKeyPassword"] = wish.password
    plan.elements.append(Do("set the TLS configurations", Call("SYS.Mirror", "UpdateMirrorSSL", Array(info))))
    plan.elements.extend(
        Do("enable %s" % name, Call("Security.SSLConfigs", "Modify", name, Array({"Enabled": 1}))) for name in disabled
    )


def _reconnection(plan: Plan, wish: TlsWish, state: TlsState, waiting: Waiting, renamed: bool) -> None:
    """A connection keeps the certificate with which it was made; the primary has connections of others only."""
    wanted = wish.reconnect == "always" or (wish.reconnect == "changed" and plan.changed)
    # A member that a person has stopped stays stopped
    if not wanted or not state.use_tls or state.node.is_primary or state.node.status not in SETTLED:
        return
    if not plan.changed:
        plan.change("connection", "made before", "made anew")
    plan.elements.append(_not_primary_now())
    for mirror in state.node.mirrors:
        plan.elements.append(
            Do("stop mirroring of %s" % mirror, Call("SYS.Mirror", "StopMirror", mirror, _STOP_SECONDS))
        )
        plan.elements.append(Do("start mirroring of %s" % mirror, Call("SYS.Mirror", "StartMirror", mirror)))
        if waiting.enabled and not renamed:
            status = Call("%SYSTEM.Mirror", "GetStatus", mirror)
            plan.waits.append(waiting.step("come back to %s" % mirror, status, ("BACKUP", "CONNECTED")))


def _requirement(plan: Plan, wish: TlsWish, state: TlsState, mirror: str) -> None:
    if wish.require is None or wish.require == state.use_tls:
        return
    if not state.node.is_primary:
        raise PreconditionError(
            "not_primary",
            "only the primary can change whether the mirror %s requires TLS (ERROR #2113)" % mirror,
            "Run it on the member that is primary now (irisops.mirror.iris_mirror_info).",
            numbers=[2113],
        )
    is_primary = Call("%SYSTEM.Mirror", "IsPrimary")
    plan.elements.append(Guard("check the role again", is_primary, ("1",), "the node is not primary any more"))
    if wish.require:
        # A member without a valid certificate would be locked out, and one that is away cannot be looked at
        plan.elements.append(_verify(mirror, True, "check the certificates of all members"))
        # While the others are connected they take over the name of the primary at once (HA 5.4)
        plan.elements.append(_refresh())
    call = Call("SYS.Mirror", "UpdateMirrorUseSSL", mirror, wish.require)
    plan.elements.append(Do("%s TLS" % ("require" if wish.require else "stop requiring"), call))
    plan.change("required", state.use_tls, wish.require)


def _mirror(wish: TlsWish, state: TlsState, plan: Plan, check_mode: bool) -> str:
    """The mirror that is meant, "" where there is none."""
    mirrors = [name.upper() for name in state.node.mirrors]
    if wish.mirror in mirrors or (not wish.mirror and len(mirrors) == 1):
        return wish.mirror or mirrors[0]
    if wish.require is None and wish.verify == "none" and not (mirrors and wish.mirror):
        return mirrors[0] if mirrors else ""
    if len(mirrors) > 1 and not wish.mirror:
        raise InputError(
            "mirror_ambiguous", "the node is in several mirrors: %s" % ", ".join(mirrors), "Say which one: 'name'."
        )
    if not check_mode:
        raise PreconditionError(
            "not_a_member",
            "the node is not in %s" % ("the mirror " + wish.mirror if wish.mirror else "a mirror"),
            "Create or join the mirror on this node first.",
            numbers=[2074],
        )
    plan.warnings.append("the node is in no such mirror yet; an earlier task of the same run would change that")
    return ""


def _refresh() -> Do:
    return Do("tell the mirror the distinguished name", Call("SYS.Mirror", "UpdateDNinMirrorSetMember"))


def _verify(mirror: str, everyone: bool, name: str = "verify the certificates") -> Check:
    return Check(name, Call("SYS.Mirror", "VerifyMirrorSSLCertificates", mirror, everyone))


def _not_primary_now() -> Guard:
    value = Call("%SYSTEM.Mirror", "IsPrimary")
    return Guard("check that the node is not primary", value, ("0",), "the node is primary by now")
