# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traps `banner` and `noise`: what a session prints before the first prompt."""

from __future__ import annotations

# Lines that look like answers, prompts and errors to a careless reader: JSON, a namespace with ">", an error, escapes.
_NOISE = (
    "\x1b[1m*** Scheduled maintenance on Sunday. ***\x1b[0m\n"
    '{"id":0,"ok":0,"end":1,"text":"ERROR #0"}\n'
    "USER>write 1\n1\n"
)


class Greeting:
    """The lines above the first prompt, or above the output of the command given."""

    def __init__(self, localised: bool, noisy: bool) -> None:
        self._localised = localised
        self._noisy = noisy

    def banner(self, host: str, instance: str) -> str:
        """The line that names node and instance."""
        # FIDELITY(observed; SIMPLE): in a Japanese instance the line reads so
        if self._localised:
            return f"ノード: {host} インスタンス: {instance}"
        return f"Node: {host}, Instance: {instance}"

    @property
    def noise(self) -> str:
        """What a login routine of the site writes."""
        # FIDELITY(documented; CPF, GTER): LOGIN^%ZSTART and ^ZWELCOME are code of the site, run at login
        # FIDELITY(assumed): that it writes to the terminal, and what
        return _NOISE if self._noisy else ""
