# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""The primary as the reference with which another member is compared."""

from __future__ import annotations

import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._errors import IrisError, StatusError
from ansible_collections.irisops.mirror.plugins.module_utils._iris.expression import Call
from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.plugins.module_utils._iris.steps import Read
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import config_drift

if t.TYPE_CHECKING:
    from ansible_collections.irisops.mirror.plugins.module_utils._iris.session import Session


def observe(source: Session, mirror: str, options: config_drift.Options) -> config_drift.Observation:
    """Everything that is compared, in one session; refuses a source that is not the primary of the mirror."""
    try:
        seen = config_drift.read(options, source.run(Program(*config_drift.observe(mirror, options))))
        config_drift.check_primary(mirror, seen.node)
    except IrisError as error:
        error.node = error.node or source.node
        raise
    return seen


def check(source: Session) -> None:
    """Refuse to go on when the source is not primary any more."""
    answers = source.run(Program(Read("member", {"primary": Call("%SYSTEM.Mirror", "IsPrimary")})))
    if answers.value("member", "primary") != "1":
        raise StatusError(
            "state_changed",
            "the source was primary when it was read and is not any more",
            "Run again with the new primary as source. Nothing was changed.",
            source.node,
        )
