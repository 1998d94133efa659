# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for a person's approval in a mirror with TLS; kept over restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from irissim.engine.mirror.settings import MemberEntry

if TYPE_CHECKING:
    from irissim.engine.jsonstore import JsonStore

_NEW, _UPDATES, _APPLYING = "new", "updates", "applying"


class Pending:
    """`instance.pending`: by mirror, and in it by the GUID of the member concerned. Each write replaces a whole list,
    so the caller serialises changes of one mirror."""

    def __init__(self, store: JsonStore) -> None:
        self._store = store

    def _list(self, mirror: str, kind: str) -> dict[str, Any]:
        stored: dict[str, Any] = (self._store.get(mirror) or {}).get(kind, {})
        return stored

    def _save(self, mirror: str, kind: str, entries: dict[str, Any]) -> None:
        self._store.set(mirror, {**(self._store.get(mirror) or {}), kind: entries})

    # Members that want to join, on the primary -----------------------------------------------------------------------

    def new_members(self, mirror: str) -> list[MemberEntry]:
        return [MemberEntry.parse(name, line) for name, line in self._list(mirror, _NEW).values()]

    def add_member(self, mirror: str, entry: MemberEntry) -> bool:
        """False if it waits already, just as it is now."""
        entries = self._list(mirror, _NEW)
        wanted = [entry.name, entry.line()]
        if entries.get(entry.guid) == wanted:
            return False
        self._save(mirror, _NEW, {**entries, entry.guid: wanted})
        return True

    # Members with another certificate -------------------------------------------------------------------------------

    def updates(self, mirror: str) -> dict[str, str]:
        """GUID and new DN."""
        return dict(self._list(mirror, _UPDATES))

    def add_update(self, mirror: str, guid: str, name: str) -> bool:
        """False if it waits already."""
        entries = self._list(mirror, _UPDATES)
        if entries.get(guid) == name:
            return False
        self._save(mirror, _UPDATES, {**entries, guid: name})
        return True

    def remove(self, mirror: str, guid: str) -> bool:
        """From both lists; False if it was in neither."""
        found = False
        for kind in (_NEW, _UPDATES):
            entries = self._list(mirror, kind)
            if guid in entries:
                del entries[guid]
                self._save(mirror, kind, entries)
                found = True
        return found

    # This member wants to join ---------------------------------------------------------------------------------------

    def applying(self, mirror: str) -> bool:
        return bool(self._list(mirror, _APPLYING))

    def apply(self, mirror: str) -> None:
        self._save(mirror, _APPLYING, {"waits": True})

    def admitted(self, mirror: str) -> None:
        self._save(mirror, _APPLYING, {})

    def forget(self, mirror: str) -> None:
        """The instance leaves the mirror."""
        self._store.remove(mirror)
