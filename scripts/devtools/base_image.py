# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image that the simulator's image starts from: python:3.12-slim-bookworm, or, where no registry answers, a minimal
Debian made from packages. The packages are only unpacked, never configured, so neither root nor an installed mmdebstrap
is needed; the few files that configuring them would write are added here."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import docker
from docker.errors import DockerException, ImageNotFound

from devtools.console import Failure, capture, say, step
from devtools.debian import MIRROR, SUITE, unpack
from devtools.paths import CACHE, tool_environment

PULLED = "python:3.12-slim-bookworm"
PULL_LIMIT = 90  # seconds; it is about 45 MB
PACKAGES = (
    "base-files", "base-passwd", "bash", "coreutils", "dash", "findutils", "grep",
    "hostname", "libc-bin", "procps", "python3", "sed", "tar",
)  # fmt: skip
OWN = f"irisops/simulator-base:{SUITE}-1"
# What nobody reads in a container: half of the size.
LEFT_OUT = ("./usr/share/doc/", "./usr/share/info/", "./usr/share/locale/", "./usr/share/man/", "./var/cache/")
# Python's own files are compiled once here; the simulator's user may not write beside them later.
DOCKERFILE = "FROM scratch\nADD root.tar /\nRUN python3 -m compileall -q /usr/lib/python3*\n"
DEBIAN_ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}


class Base(NamedTuple):
    image: str
    python: str  # "3.12"


def ensure_base(client: docker.DockerClient, architecture: str) -> Base:
    """Finds a base on the engine, or brings one there."""
    for base in (Base(PULLED, "3.12"), Base(OWN, "3.11")):
        if present(client, base.image):
            return base
    if _pull(client):
        return Base(PULLED, "3.12")
    say(f"{PULLED} cannot be pulled; a minimal Debian {SUITE} is made from packages instead.")
    build(client, OWN, root_archive("base", PACKAGES, architecture), DOCKERFILE)
    return Base(OWN, "3.11")


def build(client: docker.DockerClient, tag: str, archive: Path, dockerfile: str) -> None:
    """An image of nothing but an archive, which the Dockerfile calls root.tar."""
    with step(f"building {tag}"), tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        (Path(scratch) / "Dockerfile").write_text(dockerfile, encoding="utf-8")
        (Path(scratch) / "root.tar").hardlink_to(archive)
        try:
            client.images.build(path=scratch, tag=tag, network_mode="none", rm=True, forcerm=True)
        except DockerException as error:
            raise Failure(f"cannot build {tag}: {error}") from error


def present(client: docker.DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def _pull(client: docker.DockerClient) -> bool:
    """Tries the registry for a short time only; an engine without a network may take minutes to give up."""
    pulled = threading.Event()

    def pull() -> None:
        try:
            client.images.pull(PULLED)
        except DockerException:
            return
        pulled.set()

    worker = threading.Thread(target=pull, daemon=True)
    with step(f"pulling {PULLED}"):
        worker.start()
        worker.join(PULL_LIMIT)
    return pulled.is_set()


def root_archive(name: str, packages: Sequence[str], architecture: str) -> Path:
    """Debian packages with all that they need, unpacked and kept in the cache."""
    debian = DEBIAN_ARCHITECTURE.get(architecture)
    if debian is None:
        raise Failure(f"the engine runs on {architecture}, for which no base can be made; pull {PULLED} there first")
    kept = CACHE / f"{name}-{SUITE}-{debian}.tar"
    if kept.is_file():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with step(f"unpacking Debian packages ({', '.join(packages)})"), tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        raw, clean = Path(scratch) / "raw.tar", Path(scratch) / "clean.tar"
        command = [*_mmdebstrap(Path(scratch)), "--mode=chrootless", "--variant=extract", f"--architectures={debian}"]
        capture([*command, f"--include={','.join(packages)}", SUITE, raw, MIRROR], env=tool_environment(TMPDIR=scratch))
        with tarfile.open(raw) as source, tarfile.open(clean, "w") as target:
            normalise(source, target)
        clean.replace(kept)
    return kept


def _mmdebstrap(scratch: Path) -> list[str]:
    """The program if it is installed, else out of its package: a Perl script that runs from anywhere."""
    if shutil.which("mmdebstrap"):
        return ["mmdebstrap"]
    packages = scratch / "packages"
    packages.mkdir()
    try:
        unpack(["mmdebstrap"], packages, scratch / "mmdebstrap")
    except Failure as failure:
        raise Failure(
            f"no registry answers; install mmdebstrap, or pull or load {PULLED} first\n{failure}"
        ) from failure
    return ["perl", str(scratch / "mmdebstrap/usr/bin/mmdebstrap")]


def normalise(source: tarfile.TarFile, target: tarfile.TarFile) -> None:
    """Copies a tree of unpacked packages: all files root's, no documentation, with accounts and name services."""
    written = {
        "./etc/passwd": "./usr/share/base-passwd/passwd.master",
        "./etc/group": "./usr/share/base-passwd/group.master",
        "./etc/nsswitch.conf": "./usr/share/libc-bin/nsswitch.conf",
    }
    for member in source:
        if member.name.startswith(LEFT_OUT) or member.name in written:
            continue
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        target.addfile(member, source.extractfile(member) if member.isreg() else None)
    for name, origin in written.items():
        original = source.extractfile(origin)
        content = original.read() if original else b""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o644
        target.addfile(entry, io.BytesIO(content))
