# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking this instance out of its mirrors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.engine.mirror import names, peers, registration, role_change, store, tls
from irissim.engine.mirror.async_role import find_primary
from irissim.engine.mirror.memberships import Memberships
from irissim.engine.mirror.mirrored import remove_attribute
from irissim.values.errors import StatusError

if TYPE_CHECKING:
    from irissim.engine.mirror.master import Membership


class Leaving(Memberships):
    """For one mirror or for all."""

    def remove_configuration(
        self, delete_db: bool = False, clean_journal: bool = True, clean_ssl: bool = False
    ) -> None:
        """RemoveMirrorConfiguration."""
        with self._lock:
            # FIDELITY(documented; CR24, ERR 2116, HA 4.10.4): not on the primary, which has to be restarted with
            #   JoinMirror=0 first
            # FIDELITY(assumed; ERR 2074): an instance without a mirror configuration has nothing to remove
            known = store.mirror_names(self._instance.config)
            if not known:
                raise StatusError(2074)
            self._require_no_primary()
            for mirror in known:
                self._leave(mirror, delete_db, clean_journal)
            store.save_local(self._instance.config, store.LocalMember())
            if clean_ssl:
                tls.delete_pair(self._instance.ssl_configs)
            self._removed = True

    def remove_one(self, name: str, delete_db: bool = False, clean_journal: bool = True) -> None:
        """RemoveOneMirrorSet."""
        mirror = names.mirror_name(name)
        with self._lock:
            if mirror not in store.mirror_names(self._instance.config):
                raise StatusError(2051, mirror)
            self._require_no_primary()
            membership = self._find(mirror)
            if membership is None or membership.member.entry.is_failover:
                # FIDELITY(documented; CLS RemoveOneMirrorSet): on a failover member it does what
                #   RemoveMirrorConfiguration does; an async member keeps its [MirrorMember] section
                self.remove_configuration(delete_db, clean_journal)
            else:
                self._leave(mirror, delete_db, clean_journal)

    def check_leftovers(self, name: str) -> None:
        """CheckLeftOverJournalFile: raises 2174."""
        registration.check_leftovers(self._instance, names.mirror_name(name))

    def _require_no_primary(self) -> None:
        if any(membership.primary is not None for membership in self._all()):
            raise StatusError(2116)

    def _require_restarted(self, failure: int) -> None:
        """Before a new mirror: a removal is complete only after a restart."""
        # FIDELITY(documented; HA 4.10.3, 4.10.4): IRIS must be restarted after the whole mirror configuration was
        #   removed
        # FIDELITY(assumed): until then it creates (2065) or joins (2084) no mirror
        if self._removed:
            raise StatusError(failure, "the mirror configuration was removed and IRIS has not been restarted since")

    def _leave(self, mirror: str, delete_db: bool, clean_journal: bool) -> None:
        instance, membership = self._instance, self._find(mirror)
        if membership is not None:
            membership.stop()
            _tell_primary(membership)
        # FIDELITY(documented; CLS RemoveMirrorConfiguration, HA 4.10.2): DeleteDB=1 strips the mirror attribute and the
        #   databases stay; with DeleteDB=0 they keep it and have to be activated after a new join; CleanJournal=1
        #   deletes the mirror journals
        for database in instance.databases.mirrored(mirror):
            if delete_db:
                remove_attribute(instance, database)
            else:
                database.change_mirror_label(activated=False, needs_catchup=True)
        store.remove_mirror(instance.config, mirror)
        instance.pending.forget(mirror)
        self._forget(mirror)
        if clean_journal:
            instance.journal.forget_mirror(mirror)


def _tell_primary(membership: Membership) -> None:
    # FIDELITY(assumed; HA 4.9): a member that leaves is taken from the list of all others by the primary if that can be
    #   reached, otherwise they show it as down
    member = membership.member
    primary = find_primary(member)
    if primary is not None:
        peers.ask_instance(member, primary, role_change.UNREGISTER, member.qos, guid=member.instance.guid)
