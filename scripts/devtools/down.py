# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes what the demonstration left running: containers, networks and volumes with its label, and its processes."""

from __future__ import annotations

from collections.abc import Sequence

import docker
from docker.errors import DockerException

from devtools import embedded, engine
from devtools.console import Failure, say

LABEL = "irisops.mirror.demo"


def main(_arguments: Sequence[str]) -> int:
    embedded.down()
    try:
        client = engine.connect()
    except Failure as failure:
        # Nothing of ours can be there, unless the demonstration ran in Docker; then the user must know.
        if engine.remembered() == "docker":
            raise
        say(f"Docker is left out: {failure}")
        return 0
    try:
        remove(client)
    except DockerException as error:
        raise Failure(f"Docker refused: {error}") from error
    finally:
        client.close()
    return 0


def remove(client: docker.DockerClient) -> None:
    ours: dict[str, str | list[str] | bool] = {"label": LABEL}
    for container in client.containers.list(all=True, filters=ours):
        say(f"removing container {container.name}")
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=ours):
        say(f"removing network {network.name}")
        network.remove()
    for volume in client.volumes.list(filters=ours):
        say(f"removing volume {volume.name}")
        volume.remove()
