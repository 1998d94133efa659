# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instance process: opens the control socket, starts the engine, serves sessions until it is stopped."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from irissim.engine import system_monitor
from irissim.engine.instance import Instance
from irissim.engine.traps import UnknownTrap, licence_units
from irissim.merge.source import MergeError
from irissim.objectscript.registry import ClassRegistry
from irissim.shell import launch, settings, terminal
from irissim.shell.control import ControlServer
from irissim.shell.conversation import Conversation
from irissim.shell.instances import build_classes, build_instance, install
from irissim.shell.listing import InstanceRecord
from irissim.shell.locks import INSTANCE_LOCK, acquire, name_holder
from irissim.shell.merging import Merging
from irissim.shell.session import Jobs
from irissim.shell.settings import NodeSettings
from irissim.shell.web import WebServer
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

_LOG = logging.getLogger(__name__)
SIGN_ON_INHIBITED = 239


class Daemon:
    """One run of an instance."""

    def __init__(self, node: NodeSettings, progress: TextIO) -> None:
        self._node = node
        self._progress = progress
        self._since = time.time()
        self._instance: Instance | None = None
        self._classes: ClassRegistry | None = None
        self._jobs = Jobs()
        self._stop_requested = threading.Event()
        self._stopped = threading.Event()
        self._nofailover = False
        self._merging = Merging(node, self._report, self._stop_requested)
        self._control = ControlServer(
            node.registry,
            {
                "session": self._session,
                "status": self._status,
                "stop": self._stop,
                "freeze": self._freeze,
                "thaw": self._thaw,
                "merge": self._merge,
            },
        )

    def run(self) -> int:
        """Start, serve, stop."""
        self._report("Starting IRIS")
        try:
            instance = self._start()
        except (StatusError, OSError, UnknownTrap, MergeError) as error:
            _LOG.exception("startup failed")
            self._report(text(status_of(error)) if isinstance(error, StatusError) else str(error))
            return 1
        web = WebServer(self._node, instance)
        self.record().save(self._node.registry)
        self._report(launch.READY)
        self._progress.close()
        self._stop_requested.wait()
        web.close()
        self.close()
        instance.stop(self._nofailover)
        self.record().save(self._node.registry)
        self._stopped.set()
        return 0

    def close(self) -> None:
        """Take no more commands."""
        self._control.close(keep=self._stopper)

    def request_stop(self, nofailover: bool = False) -> None:
        """Stop gracefully; the first request decides about the hand-over."""
        if not self._stop_requested.is_set():
            self._nofailover = nofailover
            self._stop_requested.set()

    _stopper: Conversation | None = None

    def _start(self) -> Instance:
        install(self._node)
        self._merging.before_start()
        instance = build_instance(self._node)
        self._instance = instance
        self._report(launch.DETAIL_MARK + "Starting Control Process")
        self._classes = build_classes(self._node.profile, instance.traps.words.language)
        instance.start()
        # FIDELITY(observed; DUR): the start names the owner of the licence or says that
        #   no local key was found
        owner = instance.license.fields.get("Customer") or "Local license key file not found."
        self._report("This copy of InterSystems IRIS has been licensed for use exclusively by:\n" + owner)
        self._merging.after_start(instance, self._classes, self._jobs)
        return instance

    def _report(self, text: str) -> None:
        try:
            print(text, file=self._progress, flush=True)
        except BrokenPipeError:
            _LOG.warning("nobody waits for the start: %s", text)

    def record(self) -> InstanceRecord:
        """What `iris list` shows."""
        instance, node = self._instance, self._node
        record = InstanceRecord(
            name=node.instance,
            install_dir=str(node.home),
            version=instance.version if instance else "",
            data_dir=str(node.instance_dir),
            superserver_port=node.superserver_port,
            web_port=node.web_port,
            since=self._since,
        )
        if instance is None or instance.state == "starting":
            # FIDELITY(observed; ISCLIB): while it starts, the instance is listed as "sign-on inhibited"
            record.status = "sign-on inhibited"
        elif instance.state == "running":
            record.status, record.state = "running", system_monitor.WORDS[instance.monitor.state()]
            if instance.mirror.is_member():
                record.member_type = instance.mirror.member_type()
                record.mirror_status = instance.mirror.member_status()[0]
        else:
            record.since = time.time()
        return record

    def _session(self, conversation: Conversation, fields: dict[str, str]) -> int:
        instance, classes = self._instance, self._classes
        if instance is None or classes is None or instance.state != "running" or instance.traps.sign_on.inhibited:
            # FIDELITY(observed; DUR): a session that comes too early is refused with this
            #   line and exit code 239
            conversation.write("Sign-on inhibited: Startup or Installation in progress\n")
            return SIGN_ON_INHIBITED
        units = instance.traps.licence
        if not units.take():
            conversation.write(f"{licence_units.REFUSED}\n")
            return 1
        try:
            return terminal.serve(terminal.SessionRequest(instance, classes, self._jobs, conversation, fields))
        finally:
            units.give_back()

    def _status(self, conversation: Conversation, _fields: dict[str, str]) -> int:
        conversation.write(self.record().encode())
        return 0

    def _stop(self, conversation: Conversation, fields: dict[str, str]) -> int:
        self._stopper = conversation
        self.request_stop(fields.get("nofailover") == "1")
        self._stopped.wait()
        return 0

    def _freeze(self, _conversation: Conversation, fields: dict[str, str]) -> int:
        assert self._instance is not None
        try:
            self._instance.freeze.freeze(float(fields.get("timeout") or 0))
        except StatusError:
            return 1
        return 0

    def _merge(self, conversation: Conversation, fields: dict[str, str]) -> int:
        instance, classes = self._instance, self._classes
        if instance is None or classes is None or instance.state != "running":
            conversation.write("Sign-on inhibited: Startup or Installation in progress\n")
            return SIGN_ON_INHIBITED
        def say(line: str) -> None:
            conversation.write(line + "\n")

        return self._merging.command(instance, classes, self._jobs, Path(fields["file"]), say)

    def _thaw(self, _conversation: Conversation, _fields: dict[str, str]) -> int:
        assert self._instance is not None
        try:
            self._instance.freeze.thaw()
        except StatusError:
            return 1
        return 0


def main() -> int:
    """Be the instance of the node that the environment names."""
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s", level=logging.WARNING)
    node = settings.current()
    lock = acquire(node.registry / INSTANCE_LOCK)
    progress = os.fdopen(int(os.environ.get(launch.READY_VARIABLE, "1")), "w", encoding="utf-8")
    if lock is None:
        print("IRIS is already up!", file=progress, flush=True)
        return 1
    name_holder(lock, os.getpid())
    daemon = Daemon(node, progress)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: daemon.request_stop())
    return daemon.run()


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    # Sessions that still wait for input must not keep a stopped instance alive.
    os._exit(code)
