# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real behaviour of IRIS that comes by chance or by locale, here on demand, so that tests meet it every time.

`IRISSIM_TRAPS` names them: a comma separated list, `all`, or nothing. Each trap has a file of its own; whoever shows
or does what a trap changes asks `instance.traps`.
"""

from __future__ import annotations

from collections.abc import Iterable

from irissim.engine.traps.device import Device
from irissim.engine.traps.flicker import Flicker
from irissim.engine.traps.greeting import Greeting
from irissim.engine.traps.licence_units import LicenceUnits
from irissim.engine.traps.sign_on import SignOn
from irissim.engine.traps.words import Words

VARIABLE = "IRISSIM_TRAPS"
WORDS, DEVICE, FLICKER, SIGN_ON = "words", "device", "flicker", "sign-on"
LICENCE, BANNER, NOISE = "licence", "banner", "noise"
NAMES = (WORDS, DEVICE, FLICKER, SIGN_ON, LICENCE, BANNER, NOISE)


class UnknownTrap(ValueError):
    """There is no trap of that name."""


def parse(text: str) -> frozenset[str]:
    """The names in a list; a misspelt one is refused, as a test that believes in it would prove nothing."""
    names = {name.strip().lower() for name in text.split(",")} - {""}
    if "all" in names:
        names = (names - {"all"}) | set(NAMES)
    unknown = sorted(names - set(NAMES))
    if unknown:
        raise UnknownTrap(f"{VARIABLE}: no trap is named {', '.join(unknown)}; there are {', '.join(NAMES)}, all")
    return frozenset(names)


class Traps:
    """`instance.traps`: without names every part does nothing."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = frozenset(names)
        self.words = Words(WORDS in self.names)
        self.device = Device(DEVICE in self.names)
        self.flicker = Flicker(FLICKER in self.names)
        self.sign_on = SignOn(SIGN_ON in self.names)
        self.licence = LicenceUnits(LICENCE in self.names)
        self.greeting = Greeting(localised=BANNER in self.names, noisy=NOISE in self.names)
