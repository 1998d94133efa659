# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$ZCONVERT: case, and translations to and from JSON, UTF8, HTML, XML, URL and JS."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote, unquote_to_bytes

from irissim.objectscript.functions.strict import Given, strict
from irissim.values.errors import OsError
from irissim.values.value import Value

_URL_SAFE = "!'()*,-./:_~"
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_UNESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_JSON_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)


def json_text(text: str) -> str:
    """The inside of a JSON string."""
    return "".join(
        _ESCAPES.get(character) or (f"\\u{ord(character):04x}" if character < " " else character) for character in text
    )


def _json_in(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match.group(1)
        return chr(int(code[1:], 16)) if len(code) == 5 else _UNESCAPES.get(code, code)

    return _JSON_ESCAPE.sub(replace, text)


def _utf8_out(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _utf8_in(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _markup_out(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#39;")


def _script_out(text: str) -> str:
    return json_text(text).replace("'", "\\'")


def _url_out(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe=_URL_SAFE)


def _url_in(text: str) -> str:
    return unquote_to_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


_OUTPUT: dict[str, Callable[[str], str]] = {
    "JSON": json_text,
    "JS": _script_out,
    "UTF8": _utf8_out,
    "HTML": _markup_out,
    "XML": _markup_out,
    "URL": _url_out,
    "RAW": str,
}
_INPUT: dict[str, Callable[[str], str]] = {
    "JSON": _json_in,
    "JS": _json_in,
    "UTF8": _utf8_in,
    "HTML": html.unescape,
    "XML": html.unescape,
    "URL": _url_in,
    "RAW": str,
}
_CASES: dict[str, Callable[[str], str]] = {
    "U": str.upper,
    "L": str.lower,
    "T": str.upper,
    "W": lambda text: re.sub(r"(?<!\S)\S", lambda match: match.group().upper(), text.lower()),
    "S": lambda text: re.sub(r"(^\s*|[.!?]\s+)(\w)", lambda match: match.group().upper(), text.lower()),
}


@strict("zconvert", "zcvt", least=1, most=3)
def _zconvert(given: Given) -> Value:
    text, mode = given.text(0), given.text(1, "U").upper()
    if len(given) < 3:
        if mode not in _CASES:
            raise OsError("<FUNCTION>")
        return _CASES[mode](text)
    table = {"O": _OUTPUT, "I": _INPUT}.get(mode)
    if table is None:
        raise OsError("<FUNCTION>")
    translation = table.get(given.text(2).upper())
    if translation is None:
        raise OsError("<TRANSLATE>")
    return translation(text)
