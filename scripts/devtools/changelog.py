# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the entry of the coming release, whose version galaxy.yml states, from fragments and plugins."""

from __future__ import annotations

import argparse
import datetime
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from devtools import workspace
from devtools.console import Failure, capture, say
from devtools.paths import ROOT, VENV, tool_environment, venv_bin

MADE = ("CHANGELOG.md", "changelogs/changelog.yaml")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/dev changelog", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the files are not current")
    parser.add_argument("--date", help="date of the release, as 2027-01-31 (default: the one there, else today)")
    options = parser.parse_args(arguments)
    if not list((ROOT / "changelogs/fragments").glob("*.yml")):
        say("no fragments: the changelog is as the last release left it")
        return 0
    made = _make(options.date or _date())
    stale = [
        name for name in MADE if not (ROOT / name).is_file() or (made / name).read_text() != (ROOT / name).read_text()
    ]
    if options.check and stale:
        raise Failure(f"not current: {', '.join(stale)}; run scripts/dev changelog")
    if not options.check:
        for name in stale:
            shutil.copy(made / name, ROOT / name)
            say(f"written: {name}")
    return 0


def _make(date: str) -> Path:
    """The release is written in a copy, always from nothing but older releases, so that the result only depends on the
    fragments and plugins."""
    version = str(yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"])
    copy = workspace.make("changelog")
    history = copy / "changelogs/changelog.yaml"
    if history.is_file():
        known = yaml.safe_load(history.read_text())
        known["releases"].pop(version, None)
        history.write_text(yaml.safe_dump(known)) if known["releases"] else history.unlink()
    program = venv_bin(VENV, "antsibull-changelog")
    environment = tool_environment(ANSIBLE_COLLECTIONS_PATH=str(copy.parents[2]))
    capture([program, "release", "--version", version, "--date", date], cwd=copy, env=environment)
    return copy


def _date() -> str:
    page = ROOT / MADE[1]
    found = re.search(r"release_date: '?([0-9-]+)", page.read_text()) if page.is_file() else None
    return found[1] if found else datetime.date.today().isoformat()
