# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""The step that waits for one row of a class query, and trusts no second one like it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Argument, Scope, literal, render
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Step


@dataclasses.dataclass
class Find(Step):
    """Stop unless exactly one row of a class query has a value in its column, and that row is the one that is meant.

    ``key`` is that column with its value, ``same`` another one that tells the row from an impostor. Asks again until
    there is such a row or ``limit`` seconds are over; in an :class:`Each` all items share one limit.
    """

    class_name: str
    query: str
    arguments: t.Sequence[Argument]
    key: tuple[str, Argument]
    same: tuple[str, Argument]
    text: str
    limit: float = 0.0
    interval: float = 1.0

    def body(self, scope: Scope) -> str:
        arguments = ",".join(render(argument, scope) for argument in self.arguments)
        return (
            "for { set mN=0,mV=0,mRs=##class(%%ResultSet).%%New(%s),mSc=mRs.Execute(%s) "
            "while $system.Status.IsOK(mSc)&&mRs.Next() { "
            "if mRs.Get(%s)=%s { set mN=mN+1 if mRs.Get(%s)=%s { set mV=1 } } } "
            "if mN||(($zhorolog-mStart)>%s) { quit } hang %s } "
            'set mOk=(mN=1)&&mV do mRep.%%Set("value",mN) if \'mOk { do mRep.%%Set("text",%s) }'
            % (
                literal("%s:%s" % (self.class_name, self.query)),
                arguments,
                literal(self.key[0]),
                render(self.key[1], scope),
                literal(self.same[0]),
                render(self.same[1], scope),
                "%.3f" % self.limit,
                "%.3f" % self.interval,
                literal(self.text),
            )
        )

    def seconds(self) -> float:
        return self.limit + self.interval
