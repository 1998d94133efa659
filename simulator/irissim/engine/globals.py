# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Globals of an instance, as the interpreter sees them (objectscript.host.GlobalStore)."""

from __future__ import annotations

from irissim.values.value import Value


class Globals:
    """`instance.globals`. References are objectscript.host.GlobalRef: environment, name, subscripts; an environment is
    a namespace or `^^/directory/`. Errors are OsError: <NAMESPACE>, <DIRECTORY>, <PROTECT>, <SUBSCRIPT>..."""

    def names(self, environment: str) -> list[str]:
        """Names of the globals with data that the environment sees."""

    def wait_durable(self) -> None:
        """Block until this thread's updates are safe: journaled, and on a primary acknowledged by the backup."""

    def increment(self, ref: object, by: Value = 1) -> Value: ...
