# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine behind a call. The language knows nothing of it, so its type is stated here once."""

from __future__ import annotations

import os
from pathlib import Path

from irissim.engine.instance import Instance
from irissim.objectscript.classes import Context
from irissim.objectscript.loading.sources import LoadedSources
from irissim.objectscript.runtime import runtime_of
from irissim.values.value import Value, to_string


def engine(context: Context) -> Instance:
    """The instance in which a call is made."""
    instance: Instance = context.instance
    return instance


def sources(context: Context) -> LoadedSources:
    """The classes and routines that were loaded."""
    found = context.classes.sources
    assert isinstance(found, LoadedSources)
    return found


def path_of(context: Context, name: Value) -> Path:
    """A file of the node."""
    # FIDELITY(assumed): a relative name is relative to the current directory of the process, which is mgr until
    #   %SYSTEM.Process.CurrentDirectory() changes it
    directory = runtime_of(context.session).directory or str(engine(context).mgr)
    return Path(os.path.normpath(os.path.join(directory, to_string(name))))
