# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SQL.Statement and its result, for class queries."""

from __future__ import annotations

from irissim.objectscript.builtin.rows import Rows, check_query, execute
from irissim.objectscript.classes import Context, LocalArray, SystemClass, class_method, field, method, property_
from irissim.values import status
from irissim.values.errors import OsError
from irissim.values.value import Value, to_int, to_string

_END = 100
_FAILED = -400
_NOT_PREPARED = "Statement not prepared"


class StatementResult(SystemClass):
    """%SQL.StatementResult: a cursor over the rows."""

    NAME = "%SQL.StatementResult"

    def __init__(self, ctx: Context, rows: Rows, failure: Value) -> None:
        super().__init__(ctx)
        self.rows = rows
        self.failed = not status.is_ok(failure)
        self.sqlcode = _FAILED if self.failed else 0
        self.message = status.text(failure, ctx.classes.language)

    @property_(name="%SQLCODE")
    def SQLCODE(self) -> Value:
        return self.sqlcode

    @property_(name="%Message")
    def Message(self) -> Value:
        return self.message

    @property_(name="%ROWCOUNT")
    def ROWCOUNT(self) -> Value:
        return self.rows.count

    @property_(name="%ResultColumnCount")
    def ResultColumnCount(self) -> Value:
        return len(self.rows.columns)

    def get_property(self, name: str) -> Value:
        value = self.rows.column(name)
        return super().get_property(name) if value is None else value

    @method(name="%Next", byref=("sc",))
    def Next(self, sc: LocalArray) -> Value:
        sc.set(status.OK)
        if self.failed:
            return 0
        found = self.rows.advance()
        self.sqlcode = 0 if found else _END
        return int(found)

    @method(name="%Get")
    def Get(self, name: Value) -> Value:
        # FIDELITY(assumed; GCOS): %Get wants the column name as the query declares it
        value = self.rows.column(to_string(name))
        if value is None:
            raise OsError("<PROPERTY DOES NOT EXIST>", f"*{to_string(name)},{self.class_name()}")
        return value

    @method(name="%GetData")
    def GetData(self, n: Value) -> Value:
        return self.rows.at(to_int(n))

    @method(name="%Print")
    def Print(self, delimiter: Value = " ") -> Value:
        values = self.rows.current or ()
        self.session.write(to_string(delimiter).join(to_string(value) for value in values))
        return ""

    @method(name="%Display")
    def Display(self, delimiter: Value = "\t") -> Value:
        separator = to_string(delimiter)
        self.session.write(separator.join(self.rows.columns) + "\r\n")
        while self.call_method("%Next", []):
            values = self.rows.current or ()
            self.session.write("\r\n" + separator.join(to_string(value) for value in values))
        self.session.write(f"\r\n\r\n{self.rows.count} Rows(s) Affected")
        return ""


class SqlStatement(SystemClass):
    """%SQL.Statement. Only class queries can be prepared; SQL text is refused with a status that says so."""

    NAME = "%SQL.Statement"
    SelectMode = field(0, name="%SelectMode")
    SchemaPath = field(name="%SchemaPath")
    ObjectSelectMode = field(0, name="%ObjectSelectMode")

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.prepared: tuple[str, str] | None = None

    @class_method(name="%New")
    def New(ctx: Context, SelectMode: Value = "", SchemaPath: Value = "", Dialect: Value = "") -> Value:
        return SqlStatement(ctx)

    @method(name="%PrepareClassQuery")
    def PrepareClassQuery(self, ClassName: Value, QueryName: Value, Validate: Value = 1) -> Value:
        names = to_string(ClassName), to_string(QueryName)
        result = check_query(self.session, *names)
        self.prepared = names if status.is_ok(result) else None
        return result

    @method(name="%Prepare")
    def Prepare(self, StatementText: Value, CheckPrivileges: Value = 1) -> Value:
        self.prepared = None
        # FIDELITY(assumed): there is no SQL engine; %Prepare of SQL text returns a status that says so
        return status.make_status(status.GENERAL_ERROR, "SQL text is not supported by the simulator")

    @method(name="%Execute")
    def Execute(self, *args: Value) -> Value:
        if self.prepared is None:
            failure = status.make_status(status.GENERAL_ERROR, _NOT_PREPARED)
            return StatementResult(self, Rows((), []), failure)
        result, rows = execute(self.session, *self.prepared, args)
        return StatementResult(self, rows, result)
