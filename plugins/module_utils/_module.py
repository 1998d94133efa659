# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""The frame of every module: options in, result out. The only place that exits, and the only one that masks."""

from __future__ import annotations

import functools
import socket
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.irisops.mirror.plugins.module_utils._engine.diff import make_diff
from ansible_collections.irisops.mirror.plugins.module_utils._engine.peers import (
    ENGINE_LIMIT,
    READY_LIMIT,
    SESSION_LIMIT,
    Opener,
)
from ansible_collections.irisops.mirror.plugins.module_utils._engine.runner import Job, Outcome, run
from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError, IrisError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import address
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.membership import Addresses, Waiting
from ansible_collections.irisops.mirror.plugins.module_utils._transport.factory import make_transport


class IrisModule:
    """Wraps an AnsibleModule; ``job`` functions see options only."""

    def __init__(self, **arguments: t.Any) -> None:
        self.module = AnsibleModule(supports_check_mode=True, **arguments)
        self.params: dict[str, t.Any] = self.module.params
        self.check_mode: bool = self.module.check_mode

    def session(self, options: t.Mapping[str, t.Any] | None = None) -> Session:
        """The instance that the options name; ``options`` override those of the module (a source member)."""
        merged = {**self.params, **{key: value for key, value in (options or {}).items() if value is not None}}
        return Session(
            make_transport(merged, socket.gethostname()),
            merged["instance"],
            merged["executable"],
            float(merged["session_timeout"]),
            float(merged["ready_timeout"]),
            sorted(self.module.no_log_values, key=len, reverse=True),
        )

    def source(self) -> Session:
        """A session on the member that ``source`` names; without a container it runs where the module runs."""
        options = self.params["source"]
        return self.session({**options, "container": options["container"] or ""})

    def peers(self) -> list[Opener]:
        """The members that ``peers`` names, without the node itself, with short limits."""
        own = self._place({})
        limits = {
            "ready_timeout": READY_LIMIT,
            "session_timeout": SESSION_LIMIT,
            "timeout": min(self.params["timeout"], ENGINE_LIMIT),
        }
        openers = []
        for options in self.params["peers"]:
            # A peer without a container runs where the module runs, whatever the node itself does
            merged = {**options, "container": options["container"] or "", **limits}
            if self._place(merged) != own:
                name = options["container"] or options["executable"]
                openers.append(Opener(name, functools.partial(self.session, merged)))
        return openers

    def _place(self, options: t.Mapping[str, t.Any]) -> tuple[str, ...]:
        """What tells instances apart: engine and container, or command, and the name of the instance."""
        merged = {**self.params, **{key: value for key, value in options.items() if value is not None}}
        where = (merged["docker_host"], merged["container"]) if merged["container"] else (merged["executable"],)
        return (*where, merged["instance"])

    def waiting(self) -> Waiting:
        if self.params["wait_sleep"] <= 0 or self.params["wait_timeout"] < 0 or self.params["wait_stable"] < 1:
            raise InputError(
                "wait_invalid",
                "wait_sleep must be above 0, wait_timeout at least 0 and wait_stable at least 1",
                "Use 'wait: false' to not wait at all.",
            )
        return Waiting(
            self.params["wait"],
            float(self.params["wait_timeout"]),
            self.params["wait_sleep"],
            self.params["wait_stable"],
        )

    def addresses(self) -> Addresses:
        """The node's addresses; the mirror and agent addresses follow the superserver's, as in the portal."""
        superserver = address.host(self.params["superserver_address"], "superserver_address")
        return Addresses(
            superserver,
            address.host(self.params["mirror_address"] or superserver, "mirror_address"),
            address.host(self.params["agent_address"] or superserver, "agent_address"),
            address.port(self.params["agent_port"], "agent_port"),
            self.params["virtual_address_interface"],
        )

    def mirror_tls(self) -> dict[str, t.Any] | None:
        """The array SSLInfo of the class reference, or None."""
        files = self.params["mirror_tls"]
        if not files:
            return None
        array = {
            "CAFile": files["ca_file"],
            "CertificateFile": files["certificate_file"],
            "PrivateKeyFile": files["private_key_file"],
        }
        if files["private_key_password"]:
            array["PrivateKeyPassword"] = files["private_key_password"]
        return array

    def run(self, make_job: t.Callable[[IrisModule], Job[t.Any]]) -> None:
        """Make the job, run it on the module's instance, exit."""
        session: Session | None = None
        try:
            job = make_job(self)
            session = self.session()
            outcome = run(job, session, self.check_mode)
        except IrisError as error:
            if session is not None and not error.node:
                error.node = session.node
            self.fail(error)
            return
        self.exit(outcome, session)

    def conclude(self, work: t.Callable[[IrisModule], dict[str, t.Any]]) -> None:
        """For what is no :class:`Job`: do the work and exit with the result that it returns."""
        try:
            result = work(self)
        except IrisError as error:
            self.fail(error)
            return
        self.module.exit_json(**result)

    def exit(self, outcome: Outcome, session: Session) -> None:
        """End the module with the outcome of a run."""
        result = self._result(outcome, session)
        if outcome.error is not None:
            self.fail(outcome.error, result)
        self.module.exit_json(**result)

    def _result(self, outcome: Outcome, session: Session) -> dict[str, t.Any]:
        for warning in outcome.plan.warnings:
            self.module.warn("%s: %s" % (session.node, warning))
        result: dict[str, t.Any] = {
            "changed": outcome.changed,
            **outcome.values,
            "actions": outcome.actions,
            "sessions": session.runs,
            "duration": outcome.duration,
        }
        if self.module._diff and outcome.plan.changes:
            result["diff"] = make_diff(session.node, outcome.plan.changes)
        return result

    def fail(self, error: IrisError, result: dict[str, t.Any] | None = None) -> None:
        self.module.fail_json(msg=error.sentence(), error=error.as_result(), **(result or {}))
