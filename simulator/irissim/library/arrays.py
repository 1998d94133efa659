# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By-reference arrays that are simply a record: read strictly, written whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray
from irissim.values.value import Value, to_string

OMITTED = LocalArray()
"""Default of a by-reference parameter that follows optional ones; a call always passes an array."""


def read_record(context: Context, array: LocalArray, known: Iterable[str], where: str) -> dict[str, Value]:
    """The known subscripts of an array; others are ignored, and messages.log tells about them."""
    # FIDELITY(assumed): subscripts that a method does not know are ignored without an error
    known = set(known)
    record = {}
    for key, value in array.as_dict().items():
        name = to_string(key)
        if name in known:
            record[name] = value
        else:
            engine(context).log.write(f"unknown subscript {name} in a call of {where}", 1, "Simulator.Strict")
    return record


def write_record(array: LocalArray, record: Mapping[str, Value]) -> None:
    """Give an array these subscripts."""
    for name, value in record.items():
        array.set(value, name)
