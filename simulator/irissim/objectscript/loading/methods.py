# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods of loaded classes: called like those that are written in Python."""

from __future__ import annotations

from collections.abc import Sequence

from irissim.objectscript.classes import Argument, ClassContext, MethodSpec, SystemClass
from irissim.objectscript.loading.code import Code, bind, level
from irissim.objectscript.loading.definition import Formal
from irissim.objectscript.runtime import runtime_of
from irissim.objectscript.signatures import Signature
from irissim.values.value import Value


class LoadedMethod(MethodSpec):
    """A method whose body is ObjectScript."""

    def __init__(
        self,
        name: str,
        code: Code,
        formals: tuple[Formal, ...],
        *,
        static: bool,
        procedure: bool,
        public: tuple[str, ...],
    ) -> None:
        self.name = name
        self.code = code
        self.formals = formals
        self.static = static
        self.since = ""
        self.signature = Signature((), True)
        self.overridden: tuple[MethodSpec, str] | None = None
        self._procedure = procedure
        self._public = public

    def call(self, owner: object, class_name: str, arguments: Sequence[Argument]) -> Value:
        """Run the body; ``owner`` is what ``..`` means in it."""
        assert isinstance(owner, (SystemClass, ClassContext))
        runtime = runtime_of(owner.session)
        bound = bind(runtime, self.formals, arguments, f"z{self.name}^{self.code.routine}")
        scope = runtime.procedure(bound, self._public) if self._procedure else runtime.subroutine(bound)
        saved = runtime.this, runtime.overridden
        runtime.this, runtime.overridden = owner, self.overridden
        try:
            with scope, level(runtime, "d"):
                return self.code.run(runtime)
        finally:
            runtime.this, runtime.overridden = saved
