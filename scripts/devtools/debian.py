# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages of Debian, downloaded and unpacked, but not installed. Neither root nor lists of this machine are needed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from devtools.console import Failure, capture

SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
PROGRAMS = ("apt-get", "dpkg-deb", "perl")


def unpack(packages: Sequence[str], scratch: Path, target: Path) -> None:
    """Downloads packages into an empty directory and unpacks them."""
    if not all(shutil.which(program) for program in PROGRAMS):
        raise Failure(f"packages of Debian can only be taken where there are {', '.join(PROGRAMS)}")
    (scratch / "sources.list").write_text(f"deb {MIRROR} {SUITE} main\n", encoding="utf-8")
    for directory in ("state/lists/partial", "cache/archives/partial"):
        (scratch / directory).mkdir(parents=True)
    # apt keeps its state here, so that it runs without root and does not depend on the lists of this machine.
    settings = {"Dir::State": scratch / "state", "Dir::Cache": scratch / "cache", "Dir::Etc::SourceParts": "/dev/null"}
    settings["Dir::Etc::SourceList"] = scratch / "sources.list"
    apt = ["apt-get", "--quiet", "--option=APT::Sandbox::User=root"]
    apt += [f"--option={name}={value}" for name, value in settings.items()]
    capture([*apt, "update"], cwd=scratch)
    capture([*apt, "download", *packages], cwd=scratch)
    for package in sorted(scratch.glob("*.deb")):
        capture(["dpkg-deb", "--extract", package, target])
