# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A copy of the collection at a path .../ansible_collections/irisops/mirror: ansible-test and ansible-galaxy resolve
links, so the linked tree does not do for them. Only what belongs to the collection is copied, with its unit tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from devtools.collections_tree import DEPENDENCIES
from devtools.console import Failure, capture, say
from devtools.paths import COLLECTIONS, NAME, NAMESPACE, ROOT, WORK

INCLUDED = (
    "CHANGELOG.md", "COPYING", "README.md", "changelogs/", "docs/", "galaxy.yml", "meta/", "playbooks/", "plugins/",
    "requirements.yml", "roles/", "tests/sanity/", "tests/unit/",
)  # fmt: skip


def make(name: str) -> Path:
    """A fresh copy of the tracked and the new files; commands that run at the same time use names of their own."""
    tree = WORK / "workspaces" / name / "ansible_collections"
    target = tree / NAMESPACE / NAME
    shutil.rmtree(tree, ignore_errors=True)
    listed = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *INCLUDED)
    for file in filter(None, listed.split("\0")):
        source = ROOT / file
        if source.is_file():  # a file removed but not yet committed is still listed
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / file)
    if not (target / "galaxy.yml").is_file():
        raise Failure(f"{ROOT} is no clone of the repository: git lists no galaxy.yml")
    for dependency in DEPENDENCIES:
        (tree / dependency).parent.mkdir(parents=True, exist_ok=True)
        (tree / dependency).symlink_to(COLLECTIONS / "ansible_collections" / dependency)
    # ansible-test asks git which files are ignored; without a repository of its own the copy counts as ignored by ours,
    # and ansible-test then skips everything and calls that a success.
    _git(target, "init", "--quiet")
    _git(target, "add", "--all")
    return target


def _git(directory: Path, *arguments: str) -> str:
    """git refuses to read another user's clone (root in the checkout of a build service) unless told it is safe."""
    settings = WORK / "gitconfig"
    settings.write_text("[safe]\n\tdirectory = *\n", encoding="utf-8")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(settings)}
    return capture(["git", *arguments], cwd=directory, env=environment)


def main(arguments: Sequence[str]) -> int:
    say(str(make(arguments[0] if arguments else "default")))
    return 0
