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
from pathlib import Path
from typing import NamedTuple

import docker
from docker.errors import DockerException, ImageNotFound

from devtools.console import Failure, capture, say, step
from devtools.paths import CACHE, tool_environment

PULLED = "python:3.12-slim-bookworm"
PULL_LIMIT = 90  # seconds; it is about 45 MB
SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
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
        if _present(client, base.image):
            return base
    if _pull(client):
        return Base(PULLED, "3.12")
    say(f"{PULLED} cannot be pulled; a minimal Debian {SUITE} is made from packages instead.")
    archive = _root_archive(architecture)
    with step(f"building {OWN}"), tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        (Path(scratch) / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
        (Path(scratch) / "root.tar").hardlink_to(archive)
        try:
            client.images.build(path=scratch, tag=OWN, rm=True, forcerm=True)
        except DockerException as error:
            raise Failure(f"cannot build {OWN}: {error}") from error
    return Base(OWN, "3.11")


def _present(client: docker.DockerClient, image: str) -> bool:
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


def _root_archive(architecture: str) -> Path:
    debian = DEBIAN_ARCHITECTURE.get(architecture)
    if debian is None:
        raise Failure(f"the engine runs on {architecture}, for which no base can be made; pull {PULLED} there first")
    kept = CACHE / f"base-{SUITE}-{debian}.tar"
    if kept.is_file():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with step(f"unpacking Debian packages ({', '.join(PACKAGES)})"), tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        raw, clean = Path(scratch) / "raw.tar", Path(scratch) / "clean.tar"
        command = [*_mmdebstrap(Path(scratch)), "--mode=chrootless", "--variant=extract", f"--architectures={debian}"]
        capture([*command, f"--include={','.join(PACKAGES)}", SUITE, raw, MIRROR], env=tool_environment(TMPDIR=scratch))
        with tarfile.open(raw) as source, tarfile.open(clean, "w") as target:
            normalise(source, target)
        clean.replace(kept)
    return kept


def _mmdebstrap(scratch: Path) -> list[str]:
    """The program if it is installed, else out of its package: a Perl script that runs from anywhere."""
    if shutil.which("mmdebstrap"):
        return ["mmdebstrap"]
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb") and shutil.which("perl")):
        raise Failure(f"no registry answers, and making a base needs apt, dpkg and perl; pull or load {PULLED} first")
    (scratch / "sources.list").write_text(f"deb {MIRROR} {SUITE} main\n", encoding="utf-8")
    # apt keeps its state here, so that it runs without root and does not depend on the lists of this machine.
    settings = {"Dir::State": scratch / "state", "Dir::Cache": scratch / "cache", "Dir::Etc::SourceParts": "/dev/null"}
    settings["Dir::Etc::SourceList"] = scratch / "sources.list"
    apt = ["apt-get", "--quiet", "--option=APT::Sandbox::User=root"]
    apt += [f"--option={name}={value}" for name, value in settings.items()]
    try:
        capture([*apt, "update"], cwd=scratch)
        capture([*apt, "download", "mmdebstrap"], cwd=scratch)
    except Failure as failure:
        raise Failure(
            f"no registry answers; install mmdebstrap, or pull or load {PULLED} first\n{failure}"
        ) from failure
    (package,) = scratch.glob("mmdebstrap_*.deb")
    capture(["dpkg-deb", "--extract", package, scratch / "mmdebstrap"])
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
