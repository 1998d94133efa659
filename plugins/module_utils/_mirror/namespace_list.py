# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""All namespaces of an instance with their mappings, in the form in which iris_namespace takes them."""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import config_kinds, names
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.namespaces import PROPERTIES

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.answer import Answers
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.objects import Found
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Element

#: Label of a kind of mappings -> option of iris_namespace
OPTIONS = {"globals": "global_mappings", "routines": "routine_mappings", "packages": "package_mappings"}
_COLLATION = "5"


class Listed(t.NamedTuple):
    """``others`` are mappings that iris_namespace cannot make."""

    namespaces: t.List[t.Dict[str, t.Any]]
    others: t.List[str]


def observe() -> list[Element]:
    return [kind.step for kind in config_kinds.of(["namespaces", "mappings"])]


def read(answers: Answers) -> Listed:
    namespaces: dict[str, dict[str, t.Any]] = {}
    others = []
    for kind in config_kinds.of(["namespaces", "mappings"]):
        for found in kind.step.read(answers.get(kind.step.name)):
            if kind.option == "namespaces" and not kind.comes_with_iris(found):
                databases = {key: found.values.get(name, "") for key, name in PROPERTIES.items()}
                lists: dict[str, list[dict[str, str]]] = {option: [] for option in OPTIONS.values()}
                namespaces[found.key.upper()] = {"name": found.key.upper(), **databases, **lists}
            elif kind.option == "mappings" and found.owner.upper() in namespaces:
                if _is_plain(found):
                    mapping = {"name": found.key, "database": found.values.get("Database", "")}
                    namespaces[found.owner.upper()][OPTIONS[kind.label]].append(mapping)
                else:
                    others.append(kind.name_of(found))
    return Listed([namespaces[name] for name in sorted(namespaces)], others)


def _is_plain(found: Found) -> bool:
    """Whether iris_namespace makes the same mapping."""
    try:
        names.mapping_name(found.key)
    except InputError:
        return False
    return found.values.get("Collation", _COLLATION) == _COLLATION and not found.values.get("LockDatabase", "")
