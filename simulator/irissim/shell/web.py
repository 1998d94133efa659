# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web port: only what load balancers and monitoring ask for."""

from __future__ import annotations

import socket
import threading

from irissim.engine.instance import Instance
from irissim.shell.metrics import alerts_text, metrics_text
from irissim.shell.settings import NodeSettings

REQUEST_LIMIT = 65536
TIMEOUT_SECONDS = 10.0
# FIDELITY(observed; SIMPLE, HCM, ICM): the status page is reached under several paths
STATUS_PATHS = ("/csp/mirror_status.cxw", "/csp/bin/mirror_status.cxw", "/csp/user/mirror_status.cxw")
METRICS_PATH = "/api/monitor/metrics"
ALERTS_PATH = "/api/monitor/alerts"
TEXT, JSON = "text/plain; charset=utf-8", "application/json; charset=utf-8"
REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


class WebServer:
    """A thread for each request; requests are rare and short."""

    def __init__(self, node: NodeSettings, instance: Instance) -> None:
        self._instance = instance
        self._listener = socket.create_server((node.bind, node.web_port), backlog=16)
        threading.Thread(target=self._accept, name="web", daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="web request", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(TIMEOUT_SECONDS)
            try:
                line = _request_line(connection)
                if line is not None:
                    connection.sendall(_response(*self._answer(*line), with_body=line[0] != "HEAD"))
            except OSError:
                return

    def _answer(self, method: str, path: str) -> tuple[int, str, str]:
        if method not in ("GET", "HEAD"):
            return 405, TEXT, ""
        if path in STATUS_PATHS:
            # FIDELITY(observed; R-IM, SIMPLE, HCM): 200 and SUCCESS on the primary, 503 and FAILED elsewhere
            return (200, TEXT, "SUCCESS") if self._instance.mirror.is_primary() else (503, TEXT, "FAILED")
        if path == METRICS_PATH:
            return 200, TEXT, metrics_text(self._instance)
        # A HEAD request must not use up what is given only once.
        if path == ALERTS_PATH and method == "GET":
            return 200, JSON, alerts_text(self._instance)
        return 404, TEXT, ""


def _request_line(connection: socket.socket) -> tuple[str, str] | None:
    """Method and path, after the whole head was read."""
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = connection.recv(4096)
        if not chunk or len(head) > REQUEST_LIMIT:
            return None
        head += chunk
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    return (words[0], words[1].partition("?")[0]) if len(words) == 3 else None


def _response(code: int, kind: str, body: str, with_body: bool) -> bytes:
    data = body.encode()
    head = (
        f"HTTP/1.1 {code} {REASONS[code]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (data if with_body else b"")
