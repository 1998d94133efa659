# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""What an instance says of itself: version, licence, membership.

Source of the licence calls: class reference of %SYSTEM.License (KeyCustomerName, KeyExpirationDate, KeyLicenseUnits).
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import reader
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.model import MEMBER_TYPES

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element

LICENCE = {"customer": "KeyCustomerName", "expires": "KeyExpirationDate", "units": "KeyLicenseUnits"}


@dataclasses.dataclass
class Instance:
    """A ready instance. ``licence`` is empty without a key."""

    name: str
    zversion: str
    member_type: str
    licence: dict[str, str]

    @property
    def version(self) -> str:
        """Year and number of the release, "" where `$zversion` has none."""
        match = re.search(r"\b(20\d\d\.\d+)\b", self.zversion)
        return match.group(1) if match else ""

    def describe(self) -> dict[str, t.Any]:
        return {"ready": True, "reason": "", "version": self.version, **dataclasses.asdict(self)}


def observe() -> list[Element]:
    return [
        *reader.version_steps(),
        Read("member", {"type": Call("%SYSTEM.Mirror", "GetMemberType")}),
        Read("licence", {key: Call("%SYSTEM.License", method) for key, method in LICENCE.items()}),
    ]


def read(name: str, answers: Answers) -> Instance:
    licence = {key: answers.value("licence", key) for key in LICENCE}
    return Instance(
        name,
        answers.value("version", "zversion"),
        MEMBER_TYPES.get(answers.value("member", "type"), "indeterminate"),
        licence if any(licence.values()) else {},
    )
