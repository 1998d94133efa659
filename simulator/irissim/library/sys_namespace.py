# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""%SYS.Namespace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from irissim.library.arrays import OMITTED
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context, LocalArray, SystemClass, class_method, query
from irissim.values.value import Value, to_string


class Namespace(SystemClass):
    """The namespaces of this instance."""

    NAME = "%SYS.Namespace"

    @class_method()
    def Exists(ctx: Context, nsp: Value) -> Value:
        return int(engine(ctx).config.has("Namespaces", to_string(nsp).upper()))

    @class_method()
    def GetGlobalDest(ctx: Context, Namespace: Value = "", Global: Value = "^", Subscript: Value = "") -> Value:
        # FIDELITY(documented; CR24): system^directory of a global, the system empty where it is this one; with or
        #   without a caret before the name, as public code has it. Mappings of subscripts do not exist here
        name = to_string(Global).lstrip("^")
        mapping = engine(ctx).globals.mapping
        return "^" + mapping.directory(to_string(Namespace).upper() or ctx.session.namespace, name)

    @class_method(byref=("Result",))
    def ListAll(ctx: Context, Result: LocalArray = OMITTED) -> Value:
        Result.kill()
        for name in _names(ctx):
            Result.set("", name)
        return ""

    @query(columns=("Nsp", "Status", "Remote"))
    def List(ctx: Context, Namespaces: Value = 0, Sort: Value = 0) -> Iterable[Sequence[Value]]:
        return [(name, 1, 0) for name in _names(ctx)]


def _names(context: Context) -> list[str]:
    return list(engine(context).config.section("Namespaces"))
