# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image is built anew exactly when something in it changed; its base belongs to root and has its accounts."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from devtools import base_image, image

ARGUMENTS = {"ROLE": "iris"}


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "irissim").mkdir()
    (tmp_path / "irissim" / "a.py").write_text("one")
    (tmp_path / "Dockerfile").write_text("FROM x")
    return tmp_path


def test_the_same_content_has_the_same_hash(context: Path) -> None:
    assert image.content_hash(context, ARGUMENTS, "base") == image.content_hash(context, dict(ARGUMENTS), "base")


@pytest.mark.parametrize("change", ["content", "name", "mode", "argument", "base"])
def test_every_change_changes_the_hash(context: Path, change: str) -> None:
    before = image.content_hash(context, ARGUMENTS, "base")
    file = context / "irissim" / "a.py"
    if change == "content":
        file.write_text("two")
    elif change == "name":
        file.rename(file.with_name("b.py"))
    elif change == "mode":
        file.chmod(0o755)
    arguments = {"ROLE": "arbiter"} if change == "argument" else ARGUMENTS
    assert image.content_hash(context, arguments, "other" if change == "base" else "base") != before


def member(name: str, content: bytes = b"", **attributes: int) -> tuple[tarfile.TarInfo, io.BytesIO]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info, io.BytesIO(content)


def test_the_base_belongs_to_root_and_has_accounts() -> None:
    raw, clean = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as packages:
        packages.addfile(*member("./bin/sh", b"#!", uid=1000, gid=1000, mode=0o755))
        packages.addfile(*member("./usr/share/doc/sh/README", b"text", uid=1000))
        packages.addfile(*member("./usr/share/base-passwd/passwd.master", b"root:*:0:0:root:/root:/bin/bash\n"))
        packages.addfile(*member("./usr/share/base-passwd/group.master", b"root:*:0:\n"))
        packages.addfile(*member("./usr/share/libc-bin/nsswitch.conf", b"hosts: files dns\n"))
    raw.seek(0)
    with tarfile.open(fileobj=raw) as source, tarfile.open(fileobj=clean, mode="w") as target:
        base_image.normalise(source, target)
    clean.seek(0)
    with tarfile.open(fileobj=clean) as result:
        members = {entry.name: entry for entry in result}
        passwd = result.extractfile("./etc/passwd")
        assert passwd is not None
        assert passwd.read().startswith(b"root:")
    assert {(entry.uid, entry.gid) for entry in members.values()} == {(0, 0)}
    assert members["./bin/sh"].mode == 0o755
    assert "./usr/share/doc/sh/README" not in members
    assert {"./etc/group", "./etc/nsswitch.conf"} <= members.keys()
