# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about objects and the process, and the old $ZUTIL."""

from __future__ import annotations

from irissim.objectscript.compiler import Expression, on_function
from irissim.objectscript.functions.strict import Given, strict
from irissim.objectscript.parser import Node
from irissim.objectscript.registry import object_of
from irissim.values.value import OsObject, Value, to_string


@strict("isobject", least=1, most=1)
def _isobject(given: Given) -> Value:
    return int(isinstance(given.value(0), OsObject))


@strict("classname", least=0, most=1)
def _classname(given: Given) -> Value:
    return object_of(given.value(0, "")).class_name()


@strict("zutil", "zu", least=1, most=12)
def _zutil(given: Given) -> Value:
    session = given.runtime.session
    return session.classes.call_zutil(session, given.integer(0), list(given.values[1:]))


@on_function("text", "t")
def _text(node: Node) -> Expression:
    """No routine source is ever loaded, so there is no line of it either."""
    return lambda runtime: ""


@strict("stack", "st", least=1, most=2)
def _stack(given: Given) -> Value:
    level = len(given.runtime.frames) - 1
    if len(given) == 1 and given.integer(0) == -1:
        return level
    return ""


@strict("zname", least=1, most=2)
def _zname(given: Given) -> Value:
    text = to_string(given.value(0))
    body = text.removeprefix("%")
    return int(bool(body) and body.isalnum() and not body[0].isdigit())
