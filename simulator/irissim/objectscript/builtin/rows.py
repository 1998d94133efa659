# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a class query and standing on one of its rows, for both generations of result sets."""

from __future__ import annotations

from collections.abc import Sequence

from irissim.objectscript.classes import Argument
from irissim.objectscript.host import Session
from irissim.values import status
from irissim.values.errors import OsError, StatusError
from irissim.values.value import Value


class Rows:
    """The rows of an executed query and where the cursor stands."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        self.columns = tuple(columns)
        self._rows = rows
        self._next = 0
        self.current: Sequence[Value] | None = None

    def advance(self) -> bool:
        """Go to the next row; False at the end."""
        if self._next >= len(self._rows):
            self.current = None
            return False
        self.current = self._rows[self._next]
        self._next += 1
        return True

    @property
    def count(self) -> int:
        """Rows fetched so far."""
        return self._next

    def column(self, name: str) -> Value | None:
        """A column of the current row, ``None`` when there is no such column or no row."""
        if self.current is None or name not in self.columns:
            return None
        return self.current[self.columns.index(name)]

    def at(self, index: int) -> Value:
        """A column of the current row by number, counted from 1."""
        if self.current is None or not 1 <= index <= len(self.columns):
            return ""
        return self.current[index - 1]


def check_query(session: Session, class_name: str, query_name: str) -> Value:
    """OK, or the status that says that there is no such query."""
    try:
        if session.classes.find_query(session, class_name, query_name) is not None:
            return status.OK
    except OsError as error:
        return status.make_status(status.OBJECTSCRIPT_ERROR, str(error))
    return status.make_status(status.GENERAL_ERROR, f"Query {class_name}:{query_name} does not exist")


def execute(session: Session, class_name: str, query_name: str, arguments: Sequence[Argument]) -> tuple[Value, Rows]:
    """Run a class query to its end: a status and the rows."""
    try:
        columns, rows = session.classes.query(session, class_name, query_name, arguments)
        return status.OK, Rows(columns, [tuple(row) for row in rows])
    except StatusError as error:
        return status.status_of(error), Rows((), [])
    except OsError as error:
        return status.make_status(status.OBJECTSCRIPT_ERROR, str(error)), Rows((), [])
