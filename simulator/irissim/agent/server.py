# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ISCAgent: answers for the instances of its host, dead or alive, and serves as arbiter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from irissim.agent.arbiter import Arbiter
from irissim.agent.registry import InstanceRecord, Registry
from irissim.engine import profiles
from irissim.engine.config import Cpf
from irissim.engine.journal_series import JournalFileMissing, JournalSeries
from irissim.engine.mirror import journals, store, tls
from irissim.engine.mirror.listener import Handler, Listener
from irissim.engine.mirror.wire import Connection, ConnectionLost, Message, Silent, request
from irissim.engine.positions import Position
from irissim.engine.ssl_configs import SslConfigs

_PROBE_SECONDS = 4.0
_BLOCK = 1 << 20


class Agent:
    """One agent per host; the arbiter is an agent without instances."""

    # FIDELITY(documented; HA 4.14, 3.1.4): one ISCAgent per host is shared by its instances, outlives them, confirms
    #   that one is down or forces it down, hands out its journals, and any agent can serve as arbiter

    def __init__(self, registry: Path, version: str = profiles.build(profiles.PROFILES[-1])) -> None:
        """`version` of IRIS that this agent was installed with."""
        self._version_text = version
        self._registry = Registry(registry)
        self._listener = Listener(
            "ISCAgent",
            {
                "VERSION": self._version,
                "INSTANCE": self._instance,
                "FORCE_DOWN": self._trusted(self._force_down),
                "INVALIDATE": self._trusted(self._invalidate),
                "JOURNALS": self._trusted(self._journals),
                "FETCH": self._trusted(self._fetch),
                "ARBITER": Arbiter().serve,
            },
            tls.Doorman(self._ssl_configs, _ignore),
        )

    @property
    def port(self) -> int:
        return self._listener.port

    def start(self, bind: str, port: int) -> None:
        self._listener.start(bind, port)

    def stop(self) -> None:
        self._listener.stop()

    def _find(self, message: Message) -> InstanceRecord | None:
        return self._registry.find(message.text("name"), message.text("guid"))

    def _ssl_configs(self, guid: str) -> SslConfigs | None:
        record = self._registry.find(guid=guid)
        return SslConfigs(Path(record.mgr)) if record is not None else None

    def _trusted(self, handler: Handler) -> Handler:
        """An action of the agent; in a mirror with TLS only for members that proved who they are."""
        # FIDELITY(documented; HA 4.14): if the mirror requires TLS the agent authenticates a connection before it acts
        # FIDELITY(assumed; HA 4.7): a member that joins does not know yet, so what mirrors there are is told to anybody

        def guarded(connection: Connection, message: Message) -> None:
            record = self._find(message)
            config = store.load_mirror(Cpf.load(Path(record.cpf)), message.text("mirror")) if record else None
            if config is not None and config.settings.use_ssl:
                name = tls.peer_name(connection)
                if not name or name not in {entry.distinguished_name for entry in config.members.values()}:
                    connection.send("REFUSED", reason="the ISCAgent requires TLS with an authorized DN")
                    return
            handler(connection, message)

        return guarded

    def _version(self, connection: Connection, _message: Message) -> None:
        connection.send("VERSION", version=self._version_text, mirroring=True)

    def _instance(self, connection: Connection, message: Message) -> None:
        """Is an instance there, does its process live, does it answer, which mirrors does it have?"""
        record = self._find(message)
        if record is None:
            connection.send("INSTANCE", found=False)
            return
        fields: dict[str, Any] = {"found": True, "alive": self._registry.alive(record.name), "answers": False}
        if fields["alive"]:
            fields |= _probe(record, message.text("mirror"), float(message.fields.get("patience", _PROBE_SECONDS)))
        cpf = Cpf.load(Path(record.cpf))
        configs = (store.load_mirror(cpf, name) for name in store.mirror_names(cpf))
        fields["mirrors"] = [config.to_wire() for config in configs if config is not None]
        fields["member"] = store.load_local(cpf).system_name
        fields["directory"] = record.directory
        connection.send("INSTANCE", **fields)

    def _force_down(self, connection: Connection, message: Message) -> None:
        record = self._find(message)
        connection.send("FORCE_DOWN", down=record is not None and self._registry.force_down(record))

    def _invalidate(self, connection: Connection, message: Message) -> None:
        """At its next start the instance must ask the primary what it is."""
        record = self._find(message)
        done = record is not None and not self._registry.alive(record.name)
        if record is not None and done:
            cpf = Cpf.load(Path(record.cpf))
            store.save_local(cpf, replace(store.load_local(cpf), validated=False))
        connection.send("INVALIDATE", done=done)

    def _journals(self, connection: Connection, message: Message) -> None:
        with_series = self._open_series(message)
        if with_series is None:
            connection.send("JOURNALS", standing=[0, 1, 0], heads=[])
            return
        connection.send(
            "JOURNALS", standing=list(journals.standing(with_series)),
            heads=[list(head) for head in journals.heads(with_series)],
        )  # fmt: skip
        with_series.close()

    def _fetch(self, connection: Connection, message: Message) -> None:
        series = self._open_series(message)
        if series is None:
            connection.send("FETCH")
            return
        try:
            begin, data = series.read_bytes(Position(message.number("count"), message.number("offset")), _BLOCK)
            names = {file.count: file.path.name for file in series.files()}
            connection.send(
                "FETCH", journals.whole_records(data), count=begin.file_count, offset=begin.offset,
                file=names.get(begin.file_count, ""),
            )  # fmt: skip
        except JournalFileMissing as error:
            connection.send("ERROR", text=f"journal file {error.file_count} is gone")
        finally:
            series.close()

    def _open_series(self, message: Message) -> JournalSeries | None:
        """The journals of an instance that is down, read from its disk."""
        record = self._find(message)
        mirror = message.text("mirror")
        if record is None:
            return None
        return JournalSeries(mirror, Path(record.mgr) / f"mirrorjrn-{mirror}.log", Path(record.journal_directory))


def _ignore(_text: str) -> None:
    """The agent keeps no log here."""


def _probe(record: InstanceRecord, mirror: str, patience: float) -> dict[str, Any]:
    """Ask a live process: one that accepts no connection is starting or stopping, one that accepts but stays silent
    hangs."""
    try:
        answer = request(record.address, record.superserver_port, "STATUS", patience, mirror=mirror)
    except Silent:
        return {"answers": False, "hung": True}
    except ConnectionLost:
        return {"answers": False, "hung": False}
    return {"answers": True, "status": dict(answer.fields)}
