# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mathematical functions."""

from __future__ import annotations

import math
import secrets
import zlib
from collections.abc import Callable
from decimal import Decimal

from irissim.objectscript.functions.strict import Given, strict
from irissim.values import numbers
from irissim.values.errors import OsError
from irissim.values.value import Value, to_number

_PRECISION = 15


@strict("random", "r", least=1, most=1)
def _random(given: Given) -> Value:
    limit = given.integer(0)
    if limit < 1:
        raise OsError("<FUNCTION>")
    return secrets.randbelow(limit)


@strict("zabs", least=1, most=1)
def _zabs(given: Given) -> Value:
    number = to_number(given.value(0))
    return numbers.negate(number) if number < 0 else number


@strict("zsqr", least=1, most=1)
def _zsqr(given: Given) -> Value:
    return numbers.power(to_number(given.value(0)), Decimal("0.5"))


@strict("zpower", least=2, most=2)
def _zpower(given: Given) -> Value:
    return numbers.power(to_number(given.value(0)), to_number(given.value(1)))


@strict("zhex", least=1, most=1)
def _zhex(given: Given) -> Value:
    value = given.value(0)
    if isinstance(value, str):
        try:
            return int(value, 16)
        except ValueError:
            return 0
    number = given.integer(0)
    return f"{number if number >= 0 else number + (1 << 64):X}"


@strict("double", least=1, most=1)
def _double(given: Given) -> Value:
    return float(to_number(given.value(0)))


@strict("decimal", least=1, most=2)
def _decimal(given: Given) -> Value:
    return numbers.canonical_number(Decimal(str(to_number(given.value(0)))))


@strict("zcrc", least=2, most=3)
def _zcrc(given: Given) -> Value:
    mode = given.integer(1)
    try:
        data = given.text(0).encode("latin-1")
    except UnicodeEncodeError:
        raise OsError("<WIDE CHAR>") from None
    if mode == 0:
        return sum(data)
    if mode == 7:
        return zlib.crc32(data, given.integer(2, 0))
    raise OsError("<FUNCTION>")


def _transcendental(*names: str, body: Callable[[float], float]) -> None:
    @strict(*names, least=1, most=1)
    def run(given: Given) -> Value:
        try:
            result = body(float(to_number(given.value(0))))
        except (ValueError, OverflowError):
            raise OsError("<ILLEGAL VALUE>") from None
        return numbers.canonical_number(Decimal(f"{result:.{_PRECISION}g}"))


_transcendental("zln", body=math.log)
_transcendental("zlog", body=math.log10)
_transcendental("zexp", body=math.exp)
_transcendental("zsin", body=math.sin)
_transcendental("zcos", body=math.cos)
_transcendental("ztan", body=math.tan)
_transcendental("zarcsin", body=math.asin)
_transcendental("zarccos", body=math.acos)
_transcendental("zarctan", body=math.atan)
