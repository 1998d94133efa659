# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web port."""

from __future__ import annotations

import socket
from typing import Any

import pytest


def ask(node: Any, request: str) -> tuple[str, str]:
    with socket.create_connection(("127.0.0.1", node.web_port), 10) as connection:
        connection.sendall(request.encode() + b"\r\nHost: x\r\n\r\n")
        data = b""
        while chunk := connection.recv(4096):
            data += chunk
    head, _, body = data.decode().partition("\r\n\r\n")
    return head.partition("\r\n")[0], body


@pytest.mark.parametrize(
    ("request_line", "answer"),
    [
        ("GET /csp/mirror_status.cxw HTTP/1.1", ("HTTP/1.1 503 Service Unavailable", "FAILED")),
        ("GET /csp/bin/mirror_status.cxw?x=1 HTTP/1.1", ("HTTP/1.1 503 Service Unavailable", "FAILED")),
        ("HEAD /csp/user/mirror_status.cxw HTTP/1.1", ("HTTP/1.1 503 Service Unavailable", "")),
        ("GET /csp/sys/UtilHome.csp HTTP/1.1", ("HTTP/1.1 404 Not Found", "")),
        ("POST /api/monitor/metrics HTTP/1.1", ("HTTP/1.1 405 Method Not Allowed", "")),
        ("HEAD /api/monitor/metrics HTTP/1.1", ("HTTP/1.1 200 OK", "")),
        ("HEAD /api/monitor/alerts HTTP/1.1", ("HTTP/1.1 404 Not Found", "")),
        ("nonsense", ("", "")),
    ],
)
def test_answers_of_a_node_without_mirror(shared_node: Any, request_line: str, answer: tuple[str, str]) -> None:
    assert ask(shared_node, request_line) == answer
