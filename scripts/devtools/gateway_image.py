# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image of the role gateway where no registry answers: HAProxy from Debian, laid out like the official image."""

from __future__ import annotations

from devtools import base_image, debian, engine

IMAGE = f"irisops/gateway:{debian.SUITE}"
PACKAGES = ("base-files", "base-passwd", "coreutils", "dash", "haproxy", "libc-bin", "procps")
# The packages are not configured, so their own user is missing; 99 is the one of the official image.
DOCKERFILE = """\
FROM scratch
ADD root.tar /
RUN mkdir -p /usr/local/etc/haproxy /tmp && chmod 1777 /tmp
USER 99:99
STOPSIGNAL SIGUSR1
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
"""


def ensure_gateway() -> None:
    client = engine.connect()
    try:
        if not base_image.present(client, IMAGE):
            architecture = str(client.info()["Architecture"])
            base_image.build(client, IMAGE, base_image.root_archive("gateway", PACKAGES, architecture), DOCKERFILE)
    finally:
        client.close()
