# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal records put into databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from irissim.engine.database import DISK_ERROR, Database
from irissim.engine.positions import START, Position
from irissim.values.errors import OsError

if TYPE_CHECKING:
    from irissim.engine.journal_records import Record

_SIZE = 2000

Batch = list[tuple[Position, "Record"]]


def batches(records: Iterator[tuple[Position, Record]]) -> Iterator[Batch]:
    batch: Batch = []
    for item in records:
        batch.append(item)
        if len(batch) == _SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def position_of(database: Database) -> Position:
    mirror = database.label.mirror
    return mirror.position if mirror is not None else START


def by_tag(batch: Batch) -> dict[str, Batch]:
    found: dict[str, Batch] = {}
    for item in batch:
        found.setdefault(item[1].database, []).append(item)
    return found


def apply_newer(database: Database, records: Batch, end: Position) -> None:
    """What a database does not have yet of its records up to `end`."""
    position = position_of(database)
    if position < end:
        apply(database, [record for behind, record in records if behind > position], end)


def apply(database: Database, records: list[Record], end: Position) -> None:
    try:
        database.apply(records, end)
    except OsError as error:
        # One that is dismounted just now goes on where it was when it is mounted again.
        if database.mounted or error.name == DISK_ERROR:
            raise
