# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Export files of users, roles, resources, applications and services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from irissim.engine.security_objects import Record
from irissim.library.engine_access import engine
from irissim.objectscript.classes import Context
from irissim.values.errors import StatusError
from irissim.values.value import Value, to_string


def record_path(context: Context, file: Value) -> Path:
    """Where an export file is."""
    # FIDELITY(assumed): a relative file name is below mgr
    return engine(context).mgr / to_string(file)


def write_records(path: Path, table: str, records: Mapping[str, Record]) -> None:
    """Hashes of passwords are in it, passwords are nowhere. Raises 5001 for a file that cannot be written."""
    # FIDELITY(assumed): the form of the file is the simulator's own, Import reads no other
    root = ElementTree.Element(f"{table.capitalize()}Export")
    for name, record in records.items():
        item = ElementTree.SubElement(root, table.capitalize(), Name=name)
        for key, value in record.items():
            ElementTree.SubElement(item, key).text = value
    try:
        path.touch(mode=0o600)
        ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise StatusError(5001, f"{path}: {error.strerror}") from None


def read_records(path: Path, table: str, known: Iterable[str]) -> dict[str, Record]:
    """By name. Raises 5001 for a file that cannot be read or holds something else."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise StatusError(5001, f"{path}: {error}") from None
    records = {item.get("Name", ""): {key.tag: key.text or "" for key in item} for item in root}
    unknown = {key for record in records.values() for key in record} - set(known)
    if root.tag != f"{table.capitalize()}Export" or unknown or "" in records:
        raise StatusError(5001, f"{path} is no export of Security.{table.capitalize()}")
    return records
