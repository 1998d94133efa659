# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Config.Startup."""

from __future__ import annotations

from irissim.library.config_entry import Entry
from irissim.library.config_single import SingleEntry
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context
from irissim.values.value import Value


class Startup(SingleEntry):
    """Startup settings."""

    NAME = "Config.Startup"
    SECTION = "Startup"
    KIND = "Section"
    ENTRIES = (
        Entry("DefaultPort", 1972, required=True),
        Entry("DefaultPortBindAddress"),
        Entry("JobServers", 0, required=True, bounds=(0, 2000)),
        Entry("ShutdownTimeout", 300, required=True, bounds=(120, 100000)),
        Entry("WebServer", 1, required=True),
        Entry("WebServerPort", 52773, required=True),
    )

    @classmethod
    def read(cls, context: Context) -> dict[str, Value]:
        values = super().read(context)
        addresses = engine(context).addresses
        values["DefaultPort"], values["WebServerPort"] = addresses.superserver_port, addresses.web_port
        return values
