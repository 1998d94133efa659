# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""A client of a mirror: writes on whoever is primary, one session on each member, and notes what was acknowledged."""

from __future__ import annotations

import datetime
import threading
import time
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.conversation import Conversation
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import probing
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.probing import Acknowledgement, Place, Wish

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session

#: Makes the session of a member; fails while the member is down.
Connect = t.Callable[[], "Session"]
#: Seconds between two attempts to reach a member that is down.
PAUSE = 0.3
#: Seconds that a member may take to end what it is asked just now.
GRACE = 2.0


class Board:
    """What the threads share: the acknowledgements in the order in which they came, and whether it is enough."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.acknowledged: list[Acknowledgement] = []
        self.stop = threading.Event()
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def note(self, member: str, number: int) -> None:
        with self._lock:
            # What comes later than the end is not waited for and not judged
            if self.stop.is_set():
                return
            self.acknowledged.append(Acknowledgement(self.seconds(), member, number))
            if probing.is_enough(self.wish, self.acknowledged):
                self.stop.set()


class Station(threading.Thread):
    """Tries to write on one member, again and again. A daemon: a member that hangs must not keep the module."""

    def __init__(self, board: Board, member: str, connect: Connect) -> None:
        super().__init__(daemon=True)
        self.board = board
        self.member = member
        self.connect = connect
        self.sessions = 0
        self._number = 0
        self._talk: Conversation | None = None

    def run(self) -> None:
        while not self.board.stop.is_set():
            # Whatever a member that stops, hangs or was killed does: the next attempt tells
            try:
                self._write()
            except IrisError:
                self.board.stop.wait(PAUSE)

    def close(self) -> None:
        """From another thread: let go of a session that hangs."""
        if self._talk is not None:
            self._talk.close()

    def _write(self) -> None:
        self._talk = Conversation(self.connect())
        self.sessions += 1
        try:
            self._talk.ask(probing.begin())
            while not self.board.stop.is_set():
                # A number that was tried is never tried again, whatever became of it
                self._number += 1
                record = probing.write(self.board.wish, self.member, self._number, _now())
                done = probing.wrote(self._talk.ask(record))
                if done:
                    self.board.note(self.member, self._number)
                elif done is None:
                    self._number -= 1
                self.board.stop.wait(self.board.wish.interval)
        finally:
            self._talk.close()


class Prober:
    """One probe of a mirror. ``members`` are the ways to its members, by name."""

    def __init__(self, wish: Wish, members: t.Mapping[str, Connect], limit: float) -> None:
        self.wish = wish
        self.members = members
        self.limit = limit
        self.sessions = 0

    def survey(self) -> str:
        """The primary, before anything is written."""
        places: dict[str, Place | str] = {}
        for name, connect in self.members.items():
            try:
                self.sessions += 1
                places[name] = probing.read_place(connect().run(probing.observe(self.wish)))
            except IrisError as error:
                places[name] = error.message
        return probing.check(self.wish, places)

    def run(self) -> dict[str, t.Any]:
        board = Board(self.wish)
        stations = [Station(board, name, connect) for name, connect in self.members.items()]
        for station in stations:
            station.start()
        board.stop.wait(self.wish.duration)
        board.stop.set()
        ended = board.seconds()
        deadline = time.monotonic() + GRACE
        for station in stations:
            station.join(max(0.0, deadline - time.monotonic()))
            if station.is_alive():
                station.close()
            self.sessions += station.sessions
        return probing.evaluate(self.wish, board.acknowledged, ended, self._read_back(board.acknowledged))

    def _read_back(self, acknowledged: t.Sequence[Acknowledgement]) -> dict[str, set[int]] | None:
        """Ask the present primary, whoever it is by now, for as long as a session may take."""
        last = acknowledged[-1].member if acknowledged else ""
        order = sorted(self.members, key=lambda name: name != last)
        deadline = time.monotonic() + self.limit
        while True:
            for name in order:
                try:
                    self.sessions += 1
                    answers = self.members[name]().run(probing.read_back(self.wish, list(self.members)))
                    present = probing.read_present(answers, list(self.members))
                except IrisError:
                    continue
                if present is not None:
                    return present
            if time.monotonic() >= deadline:
                return None
            time.sleep(PAUSE)


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
