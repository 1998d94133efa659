# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%Library.ResultSet (%ResultSet): class queries the older way."""

from __future__ import annotations

from collections.abc import Sequence

from irissim.objectscript.builtin.rows import Rows, check_query, execute
from irissim.objectscript.classes import Context, LocalArray, SystemClass, class_method, field, method, property_
from irissim.values import status
from irissim.values.value import Value, to_int, to_string


class ResultSet(SystemClass):
    """Made for one query, executed as often as wanted."""

    NAME = "%Library.ResultSet"
    ClassName = field()
    QueryName = field()
    RuntimeMode = field()

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.rows = Rows((), [])
        self.ended = 0

    @class_method(name="%New")
    def New(ctx: Context, initvalue: Value = "") -> Value:
        created = ResultSet(ctx)
        text = to_string(initvalue)
        if ":" in text and not text.startswith("%DynamicQuery"):
            created.ClassName, _, created.QueryName = text.partition(":")
        return created

    @class_method()
    def RunQuery(ctx: Context, ClassName: Value, QueryName: Value, *args: Value) -> Value:
        # FIDELITY(assumed; CR24 %Library.ResultSet): runs a query and writes it to the current device, a line of column
        #   names and one a row, each value followed by a colon; a failure is written as its text
        result, rows = execute(ctx.session, to_string(ClassName), to_string(QueryName), args)
        if not status.is_ok(result):
            ctx.session.write("\r\n" + status.text(result, ctx.session.classes.language))
            return result
        _write_line(ctx, rows.columns)
        while rows.advance():
            _write_line(ctx, rows.current or ())
        return status.OK

    @property_
    def AtEnd(self) -> Value:
        return self.ended

    def multidimensional(self, name: str) -> LocalArray | None:
        if name != "Data":
            return None
        array = LocalArray()
        for column in self.rows.columns:
            value = self.rows.column(column)
            if value is not None:
                array.set(value, column)
        return array

    @method()
    def QueryIsValid(self) -> Value:
        return int(status.is_ok(self._check()))

    @method()
    def Prepare(self, *args: Value) -> Value:
        return status.make_status(status.GENERAL_ERROR, "SQL text is not supported by the simulator")

    @method()
    def Execute(self, *args: Value) -> Value:
        checked = self._check()
        if not status.is_ok(checked):
            return checked
        self.ended = 0
        result, self.rows = execute(self.session, to_string(self.ClassName), to_string(self.QueryName), args)
        return result

    @method(name="%Execute")
    def PercentExecute(self, *args: Value) -> Value:
        return self.call_method("Execute", args)

    @method(byref=("sc",))
    def Next(self, sc: LocalArray) -> Value:
        sc.set(status.OK)
        found = self.rows.advance()
        self.ended = int(not found)
        return int(found)

    @method(name="%Next", byref=("sc",))
    def PercentNext(self, sc: LocalArray) -> Value:
        return self.call_method("Next", [sc])

    @method()
    def Get(self, name: Value) -> Value:
        value = self.rows.column(to_string(name))
        return "" if value is None else value

    @method(name="%Get")
    def PercentGet(self, name: Value) -> Value:
        return self.call_method("Get", [name])

    @method()
    def GetData(self, n: Value) -> Value:
        return self.rows.at(to_int(n))

    @method()
    def GetDataByName(self, name: Value) -> Value:
        return self.call_method("Get", [name])

    @method()
    def GetColumnCount(self) -> Value:
        return len(self._columns())

    @method()
    def GetColumnName(self, n: Value) -> Value:
        return "".join(self._columns()[to_int(n) - 1 : to_int(n)])

    @method()
    def GetColumnHeader(self, n: Value) -> Value:
        return "".join(self._columns()[to_int(n) - 1 : to_int(n)])

    @method()
    def Close(self) -> Value:
        self.rows = Rows((), [])
        return status.OK

    def _check(self) -> Value:
        return check_query(self.session, to_string(self.ClassName), to_string(self.QueryName))

    def _columns(self) -> tuple[str, ...]:
        if not status.is_ok(self._check()):
            return ()
        spec = self.classes.find_query(self.session, to_string(self.ClassName), to_string(self.QueryName))
        return () if spec is None else spec.columns


def _write_line(ctx: Context, values: Sequence[Value]) -> None:
    ctx.session.write("\r\n" + "".join(f"{to_string(value)}:" for value in values))
