# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which directories databases are, here and on the primary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from irissim.engine.databases import normalise

if TYPE_CHECKING:
    from irissim.engine.instance import Instance
    from irissim.engine.mirror.catalogue import CatalogueEntry


def same_place(instance: Instance, directory: str, entry: CatalogueEntry) -> bool:
    """Whether a directory here is where the primary has a database."""
    directory, home = normalise(directory), normalise(str(instance.data_dir))
    if directory == entry.directory:
        return True
    # Nodes on one machine cannot share a directory; below the directories of the nodes the rest must be the same.
    shared_machine = instance.addresses.bind.startswith("127.")
    there = normalise(entry.home)
    below = directory.startswith(home) and entry.directory.startswith(there)
    return shared_machine and below and directory.removeprefix(home) == entry.directory.removeprefix(there)


def configured_name(instance: Instance, directory: str) -> str:
    """Name of a directory in [Databases], "" if it is not there."""
    wanted = normalise(directory)
    for name, line in instance.config.section("Databases").items():
        known = line.split(",", 1)[0]
        if known and normalise(known) == wanted:
            return name.upper()
    return ""
