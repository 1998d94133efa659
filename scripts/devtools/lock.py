# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes requirements/run.txt and dev.txt, with every transitive package pinned, from the .in files."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from devtools.console import capture, say
from devtools.paths import REQUIREMENTS, WORK, venv_bin

HEADER = """\
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Made by `scripts/dev lock`; change {source} instead.
"""


def main(_arguments: Sequence[str]) -> int:
    _lock("run.txt", ["run.in"])
    _lock("dev.txt", ["run.in", "dev.in"])
    return 0


def _lock(target: str, sources: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        venv = Path(scratch) / "venv"
        capture([sys.executable, "-m", "venv", venv])
        options = [option for source in sources for option in ("--requirement", str(REQUIREMENTS / source))]
        capture([venv_bin(venv, "python"), "-m", "pip", "install", "--quiet", *options])
        frozen = capture([venv_bin(venv, "python"), "-m", "pip", "freeze"]).splitlines()
        shutil.rmtree(venv)
    lines = merge(frozen, [line for source in sources for line in (REQUIREMENTS / source).read_text().splitlines()])
    header = HEADER.format(source=" and ".join(f"requirements/{source}" for source in sources))
    (REQUIREMENTS / target).write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    say(f"requirements/{target}: {len(lines)} packages")


def merge(frozen: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The frozen versions; a requirement with a marker for other Pythons keeps its line, and marks its frozen twin."""
    conditional = [line for line in wanted if ";" in line and not line.startswith("#")]
    lines = []
    for pin in frozen:
        name, _, version = pin.partition("==")
        twins = [line for line in conditional if re.split(r"[=<>~! ;]", line)[0].lower() == name.lower()]
        series = version.rsplit(".", 1)[0]
        lines += [f"{pin};{line.split(';')[1]}" if f"=={series}." in line else line for line in twins] or [pin]
    return lines
