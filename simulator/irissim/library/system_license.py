# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYSTEM.License."""

from __future__ import annotations

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, SystemClass, class_method
from irissim.values.value import Value


class License(SystemClass):
    """The licence of this instance."""

    NAME = "%SYSTEM.License"

    @class_method()
    def KeyCustomerName(ctx: Context) -> Value:
        return str(engine(ctx).license.fields.get("Customer", ""))

    @class_method()
    def KeyExpirationDate(ctx: Context) -> Value:
        return ""

    @class_method()
    def KeyLicenseUnits(ctx: Context) -> Value:
        # FIDELITY(documented; CR24 %SYSTEM.License): units of the key; a key of the simulator counts cores only
        return int(engine(ctx).license.fields.get("Capacity", 0))
