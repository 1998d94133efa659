# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of loaded classes."""

from __future__ import annotations

from typing import Any, ClassVar

from irissim.objectscript.classes import Context, LocalArray, SystemClass, class_method, method
from irissim.objectscript.compiler import compile_expression
from irissim.objectscript.loading.definition import PropertyDefinition
from irissim.objectscript.runtime import runtime_of
from irissim.objectscript.signals import unsupported
from irissim.values import status
from irissim.values.errors import OsError
from irissim.values.value import Value


class LoadedObject(SystemClass):
    """%Library.RegisteredObject: what classes are that only live in memory."""

    NAME = "%Library.RegisteredObject"
    DECLARED: ClassVar[dict[str, PropertyDefinition]] = {}
    UNKNOWN_PARENTS: ClassVar[tuple[str, ...]] = ()
    ABSTRACT: ClassVar[bool] = False

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.values: dict[str, Value] = {}
        self.arrays: dict[str, LocalArray] = {}
        for name, wanted in self.DECLARED.items():
            if wanted.multidimensional:
                self.arrays[name] = LocalArray()
            else:
                self.values[name] = compile_expression(wanted.initial)(runtime_of(ctx.session))

    @class_method(name="%New")
    def New(ctx: Any, *args: Value) -> Value:
        kind: type[LoadedObject] = ctx.kind if hasattr(ctx, "kind") else type(ctx)
        if kind.ABSTRACT or kind is LoadedObject:
            # FIDELITY(documented; GOBJ): an abstract class cannot be instantiated
            raise OsError("<CANNOT INSTANTIATE ABSTRACT CLASS>", "*" + kind.NAME)
        made = kind(ctx)
        hook = kind.methods.get("%OnNew")
        # FIDELITY(documented; GOBJ): an error status of %OnNew means that no object is made
        if hook is not None and not status.is_ok(hook.call(made, kind.NAME, args)):
            return ""
        return made

    @method(name="%ConstructClone")
    def ConstructClone(self, deep: Value = 0) -> Value:
        clone = type(self)(self)
        clone.values.update(self.values)
        for name, array in self.arrays.items():
            clone.arrays[name].merge(array)
        return clone

    @classmethod
    def missing_method(cls, name: str) -> OsError:
        if cls.UNKNOWN_PARENTS:
            return unsupported(f"{name} of {cls.NAME}, which extends {', '.join(cls.UNKNOWN_PARENTS)},")
        return super().missing_method(name)

    def class_name(self) -> str:
        return type(self).NAME

    def multidimensional(self, name: str) -> LocalArray | None:
        return self.arrays.get(name)

    def get_property(self, name: str) -> Value:
        if name in self.values:
            getter = type(self).methods.get(name + "Get")
            return self.values[name] if getter is None else getter.call(self, self.class_name(), [])
        if name in self.arrays:
            return self.arrays[name].get()
        return super().get_property(name)

    def set_property(self, name: str, value: Value) -> None:
        if name in self.values:
            setter = type(self).methods.get(name + "Set")
            if setter is None:
                self.values[name] = value
                return
            result = setter.call(self, self.class_name(), [value])
            if result != "" and not status.is_ok(result):
                raise OsError("<THROW>", "*%Exception.StatusException " + status.text(result))
        elif name in self.arrays:
            self.arrays[name].value = value
        else:
            super().set_property(name, value)

