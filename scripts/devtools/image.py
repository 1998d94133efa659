# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the image of the simulator, and the one that starts as an arbiter. Anew only when something in it changed."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import docker
from docker.errors import BuildError, DockerException, ImageNotFound
from docker.models.images import Image

from devtools import engine, gateway_image, wheels
from devtools.base_image import Base, ensure_base
from devtools.console import Failure, say, step
from devtools.paths import CACHE, SIMULATOR

REPOSITORY = {"iris": "irisops/iris-simulator", "arbiter": "irisops/iris-simulator-arbiter"}
DEFAULT_PROFILE = "2022.1"
CONTENT_LABEL = "irisops.mirror.content"
# The grammar and its binding have compiled parts: they must fit the Python and the processor of the image.
COMPILED = ("tree-sitter", "tree-sitter-objectscript")


def ensure_image(profile: str = DEFAULT_PROFILE) -> None:
    client = engine.connect()
    try:
        architecture = str(client.info()["Architecture"])
        base = ensure_base(client, architecture)
        with tempfile.TemporaryDirectory(prefix="context-", dir=_cache()) as scratch:
            context = Path(scratch)
            _fill(context, _site(base.python, architecture))
            for role, repository in REPOSITORY.items():
                arguments = {"BASE": base.image, "ROLE": role, "PROFILE": profile}
                _build(client, context, f"{repository}:{profile}", arguments, _base_id(client, base))
    finally:
        client.close()


def _cache() -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE


def _base_id(client: docker.DockerClient, base: Base) -> str:
    return str(client.images.get(base.image).id)


def _fill(context: Path, site: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copy(SIMULATOR / "image" / "Dockerfile", context / "Dockerfile")
    shutil.copytree(SIMULATOR / "irissim", context / "irissim", ignore=ignored)
    shutil.copytree(SIMULATOR / "licence", context / "licence", ignore=ignored)
    shutil.copytree(site, context / "site", ignore=ignored)
    for extra in sorted((SIMULATOR / "image").iterdir()):
        if extra.name not in ("Dockerfile", "README.md"):
            shutil.copy(extra, context / extra.name)


def pins() -> list[str]:
    """The exact versions of the compiled packages, as the simulator asks for them."""
    project = tomllib.loads((SIMULATOR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [line.replace(" ", "") for line in project["dependencies"]]
    wanted = [line for line in found if line.partition("==")[0] in COMPILED]
    if len(wanted) != len(COMPILED):
        raise Failure("simulator/pyproject.toml must pin " + " and ".join(COMPILED) + " with ==")
    return wanted


def _site(python: str, architecture: str) -> Path:
    """The compiled packages for the image, unpacked and kept."""
    kept = _cache() / f"site-{python}-{architecture}-{hashlib.sha256(repr(pins()).encode()).hexdigest()[:12]}"
    if kept.is_dir():
        return kept
    # Wheels of several ages of the platform tag are in use; pip accepts any that is named.
    platforms = [f"--platform={tag}_{architecture}" for tag in ("manylinux2014", "manylinux_2_17", "manylinux_2_28")]
    with step(f"fetching {' and '.join(pins())} for Python {python} on {architecture}"):
        wheels.unpack(pins(), kept, f"--python-version={python}", *platforms)
    return kept


def content_hash(context: Path, arguments: dict[str, str], base: str) -> str:
    """Changes with every file (its name, right to execute and content), argument and base."""
    digest = hashlib.sha256(repr([sorted(arguments.items()), base]).encode())
    for path in _files(context):
        digest.update(f"\0{path.relative_to(context)}\0{path.stat().st_mode & 0o100}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(context: Path) -> Iterator[Path]:
    return (path for path in sorted(context.rglob("*")) if path.is_file())


def _build(client: docker.DockerClient, context: Path, tag: str, arguments: dict[str, str], base: str) -> None:
    wanted = content_hash(context, arguments, base)
    stale = _find(client, tag)
    if stale is not None and stale.labels.get(CONTENT_LABEL) == wanted:
        return
    with step(f"building {tag}"):
        try:
            # The SDK always uses the engine's own (classic) builder, so neither buildx nor a docker program is needed.
            client.images.build(
                path=str(context),
                tag=tag,
                buildargs=arguments,
                labels={CONTENT_LABEL: wanted},
                # No step needs a network, and not every engine has its default one
                network_mode="none",
                rm=True,
                forcerm=True,
            )
        except BuildError as error:
            log = "".join(str(line.get("stream", "")) for line in error.build_log)
            raise Failure(f"cannot build {tag}: {error}\n{log[-2000:]}") from error
        except DockerException as error:
            raise Failure(f"cannot build {tag}: {error}") from error
    if stale is not None:
        # The old image has lost its name. One that a container still uses cannot go yet; that is no harm.
        with contextlib.suppress(DockerException):
            client.images.remove(str(stale.id))


def _find(client: docker.DockerClient, tag: str) -> Image | None:
    try:
        return client.images.get(tag)
    except ImageNotFound:
        return None


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/build_image", description=__doc__)
    parser.add_argument("--profile", action="append", help=f"version that the nodes play (default {DEFAULT_PROFILE})")
    parser.add_argument("--gateway", action="store_true", help=f"{gateway_image.IMAGE} instead, for the role gateway")
    options = parser.parse_args(arguments)
    if options.gateway:
        gateway_image.ensure_gateway()
        say(f"ready: {gateway_image.IMAGE}")
        return 0
    for profile in options.profile or [DEFAULT_PROFILE]:
        ensure_image(profile)
        say(f"ready: {', '.join(f'{name}:{profile}' for name in REPOSITORY.values())}")
    return 0
