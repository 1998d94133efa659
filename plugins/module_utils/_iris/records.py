# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Steps for records that are numbered: written one in a transaction, read back as runs of numbers."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Argument, Global, Scope, render
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Step


@dataclasses.dataclass
class Commit(Step):
    """Set global nodes in one transaction; its answer comes after the commit."""

    acts = True

    nodes: t.Sequence[tuple[Global, Argument]]

    def body(self, scope: Scope) -> str:
        sets = ",".join("%s=%s" % (node.node(scope), render(content, scope)) for node, content in self.nodes)
        return "try { tstart  set %s tcommit  set mOk=1 } catch mE { trollback:$tlevel  throw mE }" % sets


@dataclasses.dataclass
class Runs(Step):
    """The numbers below a global node, consecutive ones as a run: `1:40,42:97,`."""

    node: Global

    stops = False

    def body(self, scope: Scope) -> str:
        following = "$order(%s)" % self.node.node(scope, "mN")
        return (
            'set mV="",mN="",mN=%s,mStart=mN while mN\'="" { set mX=mN,mN=%s '
            'if mN\'=(mX+1) { set mV=mV_mStart_":"_mX_",",mStart=mN } } do mRep.%%Set("value",mV) set mOk=1'
            % (following, following)
        )
