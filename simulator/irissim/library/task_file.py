# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks in XML files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from irissim.engine.security_objects import Record
from irissim.values.errors import StatusError

_ROOT, _ITEM = "TaskExport", "Task"


def write_tasks(path: Path, tasks: Iterable[Record]) -> None:
    """Raises 5001 for a file that cannot be written."""
    # FIDELITY(assumed): the form of the file is the simulator's own, ImportTasks reads no other; values are escaped as
    #   in a Python string because Settings is a $LIST and XML cannot hold its bytes
    root = ElementTree.Element(_ROOT)
    for task in tasks:
        item = ElementTree.SubElement(root, _ITEM)
        for name, value in task.items():
            ElementTree.SubElement(item, name).text = value.encode("unicode_escape").decode("ascii")
    try:
        ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise StatusError(5001, f"{path}: {error.strerror}") from None


def read_tasks(path: Path, known: Mapping[str, object]) -> list[Record]:
    """Raises 5012 for a file that is not there, 5001 for one that is no export."""
    try:
        root = ElementTree.parse(path).getroot()
    except FileNotFoundError:
        raise StatusError(5012, str(path)) from None
    except (OSError, ElementTree.ParseError) as error:
        raise StatusError(5001, f"{path}: {error}") from None
    tasks = [{key.tag: _text(key.text) for key in item} for item in root]
    if root.tag != _ROOT or any(set(task) - set(known) for task in tasks):
        raise StatusError(5001, f"{path} is no export of %SYS.Task")
    return tasks


def _text(escaped: str | None) -> str:
    return (escaped or "").encode("ascii").decode("unicode_escape")
