# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports for the nodes of a test."""

from __future__ import annotations

import random
import socket
from collections import deque

# Below the range from which Linux takes the ports of outgoing connections: nodes connect from the address on which
# they listen, and the port of a stopped node must not be taken by such a connection before the node starts again.
_RANGE = range(10000, 32000)

# More than the nodes of one test use, fewer than a process may have open.
_MOST = 200
_reserved: deque[socket.socket] = deque()


def free_port(address: str = "127.0.0.1") -> int:
    """A port that nobody uses now, and that no other test takes while its node is down or has yet to start."""
    while True:
        port = random.choice(_RANGE)
        reservation = socket.socket()
        try:
            # Without SO_REUSEADDR this fails also for what another process has reserved or has just used.
            reservation.bind((address, port))
        except OSError:
            reservation.close()
            continue
        # With it a node can listen there all the same, as this socket never does.
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _reserved.append(reservation)
        if len(_reserved) > _MOST:
            _reserved.popleft().close()
        return port
