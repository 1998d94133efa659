# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One merge: settings first, then the actions in their order."""

from __future__ import annotations

import re
from collections.abc import Callable

from irissim.engine.instance import Instance
from irissim.merge import objects
from irissim.merge.calls import Calls, Refusal, quoted
from irissim.merge.databases import DatabaseActions
from irissim.merge.mirror import MirrorAction
from irissim.merge.patience import Patience
from irissim.merge.settings import check_settings, password_hash
from irissim.merge.source import Action, MergeError, MergeFile, Setting
from irissim.objectscript.host import Session

# FIDELITY(documented; CPF [Actions]): actions that handle no object of their own
# FIDELITY(assumed): those that the simulator cannot do are refused by name
REFUSED = (
    "ConfigProduction",
    "ConfigShardedCluster",
    "GrantPrivilege",
    "RevokePrivilege",
    "GrantAdminPrivilege",
    "RevokeAdminPrivilege",
)
_EXECUTE_NAMES = ("Namespace", "ClassName", "MethodName", "RoutineName")
_ARGUMENT = re.compile(r"Arg([1-9][0-9]*)")
_CLASS = re.compile(r"%?[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*|%[A-Za-z0-9.]+")
_METHOD = re.compile(r"%?[A-Za-z][A-Za-z0-9]*")
_ROUTINE = re.compile(r"(\$\$)?([%A-Za-z][A-Za-z0-9]*)?\^[%A-Za-z][A-Za-z0-9.]*")
_ORDER = list(objects.KINDS)


class Merge:
    """A merge file that has been checked."""

    def __init__(self, file: MergeFile) -> None:
        """Raises MergeError, before anything is applied, for what can be seen without applying it."""
        self.settings: list[Setting] = check_settings(file.settings)
        for action in file.actions:
            _check(action)
        self.actions = sorted(file.actions, key=_place)

    def run(self, instance: Instance, session: Session, patience: Patience, say: Callable[[str], None]) -> None:
        """Carry out the actions; the first that fails ends the merge with MergeError."""
        calls = Calls(instance, session)
        databases = DatabaseActions(calls, patience)
        special: dict[str, Callable[[Action], bool]] = {
            "CreateDatabase": databases.create,
            "ModifyDatabase": databases.modify,
            "DeleteDatabase": databases.delete,
            "CreateDatabaseFile": databases.create_file,
            "ModifyDatabaseFile": databases.modify_file,
            "DeleteDatabaseFile": databases.delete_file,
            "ConfigMirror": MirrorAction(calls, patience).configure,
            "Execute": lambda action: _execute(calls, action),
        }
        if default := password_hash(self.settings):
            instance.security.objects.set_default_password(default)
        for action in self.actions:
            split = objects.split(action)
            try:
                if action.name in special:
                    done = special[action.name](action)
                else:
                    assert split is not None
                    done = objects.run(calls, action, split[0], objects.KINDS[split[1]])
            except Refusal as refusal:
                raise MergeError(f"{_shown(action)}: {refusal.reason}", action.line) from None
            except OSError as error:
                raise MergeError(f"{_shown(action)}: {error.strerror}: {error.filename}", action.line) from None
            if done:
                say(f"Merge: {_shown(action)}")


def _check(action: Action) -> None:
    if action.name in REFUSED:
        raise MergeError(f"the simulator does not have the action {action.name}", action.line)
    if action.name not in ("ConfigMirror", "Execute") and objects.split(action) is None:
        # FIDELITY(assumed; CPF [Actions]): an action that the reference does not have fails the merge
        raise MergeError(f"there is no action {action.name}", action.line)


def _place(action: Action) -> tuple[int, int, int]:
    """Deletions from the last kind to the first, then the kinds in order (created, modified), Execute last."""
    # FIDELITY(documented; CPF [Actions], CPF Execute): the order is the same whatever the file's is; Execute is last
    # FIDELITY(assumed): what depends on something comes after it; deletions come first and the other way round
    if action.name == "Execute":
        return 2, 0, 0
    if action.name == "ConfigMirror":
        return 1, _ORDER.index("DatabaseFile"), -1
    split = objects.split(action)
    assert split is not None
    index = _ORDER.index(split[1])
    return (0, -index, 0) if split[0] == "Delete" else (1, index, objects.ALL.index(split[0]))


def _shown(action: Action) -> str:
    """An action as messages show it: never with all properties, as there may be secrets."""
    names = [action.properties[key] for key in ("Namespace", "Name", "Directory") if action.properties.get(key)]
    return f"{action.name} {' '.join(names[:2])}".strip()


def _execute(calls: Calls, action: Action) -> bool:
    """Execute: a class method or a routine that returns a %Status."""
    # FIDELITY(documented; CPF Execute): Namespace, and ClassName with MethodName or RoutineName, Arg1, Arg2, ...
    numbered = {name: _ARGUMENT.fullmatch(name) for name in action.properties}
    action.only(*_EXECUTE_NAMES, *(name for name, found in numbered.items() if found))
    given = {int(found[1]): action.properties[name] for name, found in numbered.items() if found}
    if sorted(given) != list(range(1, len(given) + 1)):
        raise MergeError("Execute: arguments must be numbered from Arg1 without a gap", action.line)
    (namespace,) = action.require("Namespace")
    arguments = ",".join(quoted(given[number]) for number in sorted(given))
    if "RoutineName" in action.properties:
        (routine,) = action.require("RoutineName")
        if not _ROUTINE.fullmatch(routine):
            raise MergeError("Execute: RoutineName must be Label^Routine", action.line)
        calls.evaluate(namespace, f"$${routine.removeprefix('$$')}({arguments})")
        return True
    class_name, method = action.require("ClassName", "MethodName")
    if not _CLASS.fullmatch(class_name) or not _METHOD.fullmatch(method):
        raise MergeError("Execute: ClassName or MethodName is no name", action.line)
    calls.evaluate(namespace, f"##class({class_name}).{method}({arguments})")
    return True
