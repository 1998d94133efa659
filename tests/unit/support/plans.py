# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans in a form that tables can hold."""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Array, Call
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Each, Program
from ansible_collections.irisops.mirror.plugins.module_utils._mirror.plan import Plan


def steps(elements: t.Iterable[t.Any]) -> list[str]:
    """Names of the steps in order; those of a loop with the group, a slash, and the names of its items."""
    found = []
    for element in elements:
        if isinstance(element, Each):
            items = " ".join(str(item.get("mirror_name") or item.get("name") or "?") for item in element.items)
            found.extend(f"{element.name}/{step.name} [{items}]" for step in element.steps)
        else:
            found.append(element.name)
    return found


def changes(plan: Plan) -> list[tuple[str, t.Any, t.Any]]:
    return [(change.name, change.before, change.after) for change in plan.changes]


def fields(plan: Plan, name: str) -> list[t.Any]:
    """One field of every item, "-" where an item does not have it."""
    items = (item for element in plan.elements if isinstance(element, Each) for item in element.items)
    return [item.get(name, "-") for item in items]


def call(elements: t.Iterable[t.Any], label: str) -> Call:
    """The one call of a class method in these steps."""
    listed = [one for element in elements for one in (element.steps if isinstance(element, Each) else [element])]
    (found,) = (step.call for step in listed if getattr(step, "call", None) is not None and step.call.label == label)
    return t.cast(Call, found)


def plain(argument: t.Any) -> t.Any:
    """An argument of a call; an array as a dict."""
    return dict(argument.values) if isinstance(argument, Array) else argument


def text(elements: t.Iterable[t.Any]) -> str:
    return Program(*elements).text()
