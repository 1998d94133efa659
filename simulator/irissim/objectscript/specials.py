# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Special variables ($IO, $NAMESPACE, ...) as values and as targets of SET and NEW."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from irissim.objectscript.classes import ClassContext
from irissim.objectscript.compiler import Assignment, Expression, on_assignment, on_expression
from irissim.objectscript.functions.times import horolog, timestamp
from irissim.objectscript.names import reference_text
from irissim.objectscript.parser import Node, node_text
from irissim.objectscript.runtime import Runtime
from irissim.objectscript.signals import unsupported
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import Value, to_string


def _zreference(runtime: Runtime) -> Value:
    return "" if runtime.naked is None else reference_text("^" + runtime.naked.name, runtime.naked.subscripts)


def _zhorolog(runtime: Runtime) -> Value:
    return numbers.parse_leading_number(f"{time.monotonic():.6f}")


def _this(runtime: Runtime) -> Value:
    if isinstance(runtime.this, ClassContext):
        return runtime.this.kind.NAME
    return "" if runtime.this is None else runtime.this


_READERS: dict[tuple[str, ...], Callable[[Runtime], Value]] = {
    ("$horolog", "$h"): lambda runtime: horolog(datetime.now()),
    ("$zhorolog", "$zh"): _zhorolog,
    ("$ztimestamp", "$zts"): lambda runtime: timestamp(),
    ("$job", "$j"): lambda runtime: runtime.session.job,
    ("$io", "$i"): lambda runtime: runtime.session.io,
    ("$principal", "$p"): lambda runtime: runtime.session.principal,
    ("$test", "$t"): lambda runtime: int(runtime.test),
    ("$namespace", "$znspace"): lambda runtime: runtime.session.namespace,
    ("$zversion", "$zv"): lambda runtime: runtime.session.zversion,
    ("$zerror", "$ze"): lambda runtime: runtime.zerror,
    ("$ecode", "$ec"): lambda runtime: runtime.ecode,
    ("$etrap", "$et"): lambda runtime: runtime.etrap,
    ("$ztrap", "$zt"): lambda runtime: "",
    ("$username",): lambda runtime: runtime.session.username,
    ("$storage", "$s", "$zstorage", "$zs"): lambda runtime: runtime.session.storage,
    ("$stack", "$st", "$estack", "$es"): lambda runtime: len(runtime.frames) - 1,
    ("$tlevel", "$tl"): lambda runtime: runtime.transaction.level,
    ("$x",): lambda runtime: runtime.session.column,
    ("$quit", "$q"): lambda runtime: 0,
    ("$zname", "$zn"): lambda runtime: "",
    ("$zreference", "$zr"): _zreference,
    ("$zchild", "$zc"): lambda runtime: runtime.zchild,
    ("$zpi",): lambda runtime: numbers.parse_leading_number("3.141592653589793238"),
    ("$this",): _this,
    ("$roles",): lambda runtime: "%All",
    ("$system", "$sy"): lambda runtime: runtime.session.classes.special(runtime.session, "system"),
}
_BY_NAME = {name: reader for names, reader in _READERS.items() for name in names}


@on_expression("system_defined_variable", "keyword_this")
def _special(node: Node) -> Expression:
    reader = _BY_NAME.get(node_text(node).lower())
    if reader is None:
        raise unsupported(node_text(node))
    return reader


def _set_namespace(runtime: Runtime, value: Value) -> None:
    runtime.session.namespace = to_string(value)


def _set_zerror(runtime: Runtime, value: Value) -> None:
    runtime.zerror = to_string(value)


def _set_etrap(runtime: Runtime, value: Value) -> None:
    runtime.etrap = to_string(value)


def _set_ecode(runtime: Runtime, value: Value) -> None:
    """An empty $ECODE clears the error; another value is an error of its own."""
    runtime.ecode = to_string(value)
    if runtime.ecode:
        raise OsError("<ECODETRAP>")


def _set_ztrap(runtime: Runtime, value: Value) -> None:
    if value != "":
        raise unsupported("$ZTRAP as an error handler")


def _fixed(setter: Callable[[Runtime, Value], None]) -> Callable[[Node], Assignment]:
    return lambda node: setter


for _names, _setter in (
    (("$namespace", "$znspace"), _set_namespace),
    (("$zerror", "$ze"), _set_zerror),
    (("$etrap", "$et"), _set_etrap),
    (("$ecode", "$ec"), _set_ecode),
    (("$ztrap", "$zt"), _set_ztrap),
):
    on_assignment(*_names)(_fixed(_setter))


def new_special(runtime: Runtime, name: str) -> None:
    """NEW of a special variable: its value comes back at the end of the level."""
    name = name.lower()
    if name in ("$namespace", "$znspace"):
        namespace = runtime.session.namespace
        runtime.on_leave(lambda: _set_namespace(runtime, namespace))
    elif name in ("$etrap", "$et"):
        etrap = runtime.etrap
        runtime.on_leave(lambda: _set_etrap(runtime, etrap))
    elif name not in ("$estack", "$es", "$test", "$roles"):
        raise unsupported("NEW " + name.upper())


@on_expression("ssvn")
def _structured(node: Node) -> Expression:
    raise unsupported(node_text(node))


@on_expression("macro", "macro_constant", "macro_function")
def _macro(node: Node) -> Expression:
    # FIDELITY(observed; LIVE): macros are not known to a terminal
    raise OsError("<SYNTAX>")
