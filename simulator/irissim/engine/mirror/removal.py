# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking this instance out of its mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.engine.mirror import store
from irissim.engine.mirror.mirrored import remove_attribute

if TYPE_CHECKING:
    from irissim.engine.instance import Instance


def remove_configuration(instance: Instance, delete_db: bool, clean_journal: bool) -> None:
    """Forget every mirror of this instance; databases keep their content."""
    # FIDELITY(documented; CLS RemoveMirrorConfiguration, HA 4.10.4): DeleteDB=1 strips the mirror attribute, the
    #   databases stay; CleanJournal=1 deletes the mirror journals
    for mirror in store.mirror_names(instance.config):
        if delete_db:
            for database in instance.databases.mirrored(mirror):
                remove_attribute(instance, database)
        store.remove_mirror(instance.config, mirror)
        if clean_journal:
            instance.journal.forget_mirror(mirror)
    store.save_local(instance.config, store.LocalMember())
