# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system classes that belong to the language itself and need no instance behind them."""

from __future__ import annotations

from irissim.objectscript.builtin.dynamic import DynamicArray, DynamicObject
from irissim.objectscript.builtin.exceptions import (
    GeneralException,
    SqlException,
    StatusException,
    SystemException,
)
from irissim.objectscript.builtin.iterators import ArrayIterator, ObjectIterator
from irissim.objectscript.builtin.process import Process
from irissim.objectscript.builtin.result_set import ResultSet
from irissim.objectscript.builtin.statement import SqlStatement, StatementResult
from irissim.objectscript.builtin.system_status import SystemStatus
from irissim.objectscript.loading.loaded_object import LoadedObject
from irissim.objectscript.registry import ClassRegistry

LANGUAGE_CLASSES = (
    ArrayIterator,
    DynamicArray,
    DynamicObject,
    GeneralException,
    LoadedObject,
    ObjectIterator,
    Process,
    ResultSet,
    SqlException,
    SqlStatement,
    StatementResult,
    StatusException,
    SystemException,
    SystemStatus,
)


def register_language_classes(registry: ClassRegistry) -> None:
    """Make them known to a registry."""
    for kind in LANGUAGE_CLASSES:
        registry.register(kind)
