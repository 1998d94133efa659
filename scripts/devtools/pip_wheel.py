# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wheels of pip itself, for the two places that have no pip yet: a Python without ensurepip (as Debian's without
python3-venv), and ansible-test, which downloads a bootstrap script from a host that many networks cannot reach."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

from devtools.console import Failure
from devtools.paths import CACHE

CHECKSUMS = {
    "24.2": "2cd581cf58ab7fcfca4ce8efa6dcacd0de5bf8d0a3eb9ec927e07405f4d9e2a2",
    "25.2": "6d67a2b4e7f14d8b31b8b52648866fa717f45a1eb70e83002f4331d07e953717",
}
NEWEST = "25.2"


def wheel(version: str) -> Path:
    """The wheel of this version of pip, downloaded once from the package index that pip would use."""
    name = f"pip-{version}-py3-none-any.whl"
    kept = CACHE / name
    if not kept.is_file():
        index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
        page = _download(index).decode(errors="replace")
        link = re.search(rf'href="([^"#]*{re.escape(name)})[#"]', page)
        if link is None:
            raise Failure(f"the package index {index} has no {name}")
        content = _download(urljoin(index, link[1]))
        if hashlib.sha256(content).hexdigest() != CHECKSUMS[version]:
            raise Failure(f"{name} from {index} is not the file that this project expects (checksum differs)")
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial")
        partial.write_bytes(content)
        partial.replace(kept)
    return kept


def _download(address: str) -> bytes:
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    try:
        with urllib.request.urlopen(address, timeout=60, context=context) as answer:
            content: bytes = answer.read()
            return content
    except (OSError, urllib.error.URLError) as error:
        raise Failure(f"cannot download {address}: {error}") from error
