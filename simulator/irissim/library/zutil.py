# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The old $ZUTIL functions that mirror scripts still use, and $SYSTEM."""

from __future__ import annotations

from irissim.engine.databases import normalise
from irissim.library.engine_access import engine
from irissim.library.system_names import host_name, system_name
from irissim.objectscript.classes import Context
from irissim.objectscript.registry import ClassRegistry
from irissim.values.value import Value, to_string


def _namespace(ctx: Context, name: Value = "") -> Value:
    # FIDELITY(assumed): $ZUTIL(5) is the namespace, $ZUTIL(5,name) changes it
    if to_string(name):
        ctx.session.namespace = to_string(name)
    return ctx.session.namespace


def _directory(ctx: Context, name: Value = "") -> Value:
    # FIDELITY(assumed): $ZUTIL(12) is the manager directory, $ZUTIL(12,name) a name in its complete form
    return normalise(str(engine(ctx).mgr / to_string(name)))


def _file_number(ctx: Context, directory: Value) -> Value:
    # FIDELITY(observed; LSC, R-CD): +$ZUTIL(49,directory) is the SFN of a database, negative when it is not mounted
    database = engine(ctx).databases.find(to_string(directory))
    if database is None or not database.mounted:
        return -1
    return f"{database.sfn}^{database.directory}"


def _configuration(ctx: Context) -> Value:
    # FIDELITY(assumed): $ZUTIL(86) is the configuration file and the instance, separated by *
    return f"{engine(ctx).cpf_path}*{engine(ctx).name}"


def register(classes: ClassRegistry) -> None:
    """Make them known."""
    classes.register_zutil(5, _namespace)
    classes.register_zutil(12, _directory)
    classes.register_zutil(49, _file_number)
    classes.register_zutil(86, _configuration)
    classes.register_zutil(110, host_name)
    classes.register_special("system", system_name)
