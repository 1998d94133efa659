# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and addresses as IRIS accepts them; what it would refuse is refused before anything is sent."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import address, names


def refused(function: t.Callable[..., t.Any], *arguments: t.Any) -> InputError:
    with pytest.raises(InputError) as raised:
        function(*arguments)
    assert raised.value.remedy, "an input error says what to do"
    return raised.value


@pytest.mark.parametrize(
    ("function", "given_name", "stored"),
    [
        (names.mirror_name, "MIRRORSET", "MIRRORSET"),
        (names.mirror_name, "mirrorset", "MIRRORSET"),
        (names.mirror_name, "m" * 15, "M" * 15),
        (names.mirror_name, "1", "1"),
        (names.member_name, "mirrorA", "MIRRORA"),
        (names.member_name, "mirror-a_1.example", "MIRROR-A_1.EXAMPLE"),
        (names.member_name, "m" * 32, "M" * 32),
        (names.mirrored_database_name, "company", "COMPANY"),
        (names.mirrored_database_name, "_a-1", "_A-1"),
        (names.mirrored_database_name, "d" * 62, "D" * 62),
        (names.database_name, "Company-1", "COMPANY-1"),
        (names.namespace_name, "%all", "%ALL"),
        (names.namespace_name, "app_1", "APP_1"),
        (names.global_name, "^Company", "Company"),
        (names.global_name, "Company.Index", "Company.Index"),
        (names.global_name, "%Lib", "%Lib"),
        (names.mapping_name, "Company*", "Company*"),
        (names.mapping_name, "^Company*", "Company*"),
        (names.directory, "/a", "/a/"),
        (names.directory, "/a//b/./c/", "/a/b/c/"),
        (names.directory, "/with blank/\u00e4/", "/with blank/\u00e4/"),
    ],
)
def test_names_are_stored_as_iris_stores_them(function: t.Any, given_name: str, stored: str) -> None:
    assert function(given_name) == stored


@pytest.mark.parametrize(
    ("function", "name", "code", "numbers"),
    [
        (names.mirror_name, "m" * 16, "mirror_name_invalid", [2012]),
        (names.mirror_name, "", "mirror_name_invalid", [2110]),
        (names.mirror_name, "MIRROR_SET", "mirror_name_invalid", [2110]),
        (names.mirror_name, "MIRROR\n", "mirror_name_invalid", [2110]),
        (names.mirror_name, "M\u00dcNCHEN", "mirror_name_invalid", [2110]),
        (names.member_name, "", "member_name_invalid", [2039]),
        (names.member_name, "m" * 33, "member_name_invalid", [2039]),
        (names.member_name, "mirror:a", "member_name_invalid", [2023]),
        (names.member_name, "mirror a", "member_name_invalid", []),
        (names.member_name, 'a"b', "member_name_invalid", []),
        (names.member_name, "m\u00e4", "member_name_invalid", []),
        (names.mirrored_database_name, "1A", "database_name_invalid", [2167]),
        (names.mirrored_database_name, "A:B", "database_name_invalid", [2167]),
        (names.mirrored_database_name, "d" * 63, "database_name_invalid", [2059]),
        (names.database_name, "d" * 65, "database_name_invalid", []),
        (names.database_name, "A B", "database_name_invalid", []),
        (names.namespace_name, '"]halt', "namespace_name_invalid", []),
        (names.namespace_name, "", "namespace_name_invalid", []),
        (names.global_name, "a(1)", "global_name_invalid", []),
        (names.global_name, "a.", "global_name_invalid", []),
        (names.global_name, "^", "global_name_invalid", []),
        (names.mapping_name, "a*b", "mapping_name_invalid", []),
        (names.mapping_name, "*", "mapping_name_invalid", []),
        (names.directory, "relative/", "directory_invalid", []),
        (names.directory, "/a/../b/", "directory_invalid", []),
        (names.directory, "/a\nb/", "directory_invalid", []),
        (names.directory, "/a^b/", "directory_invalid", []),
        (names.directory, "", "directory_invalid", []),
    ],
)
def test_bad_names_are_refused_with_the_number_of_iris(
    function: t.Any, name: str, code: str, numbers: list[int]
) -> None:
    error = refused(function, name)
    assert (error.code, error.numbers) == (code, numbers)


@pytest.mark.parametrize("name", [*sorted(names.SYSTEM_DATABASES), "irissys"])
def test_system_databases_are_not_mirrored(name: str) -> None:
    assert refused(names.refuse_system_database, name).numbers == [363]
    names.refuse_system_database("COMPANY")


@given(st.text(max_size=40))
def test_what_passes_is_stable_and_harmless(text: str) -> None:
    for function in (names.mirror_name, names.member_name, names.mirrored_database_name, names.namespace_name):
        try:
            name = function(text)
        except InputError:
            continue
        assert function(name) == name, "a stored name is accepted as it is"
        assert name.isascii()
        assert not set(name) & set('"\r\n\x00 ')


@given(st.lists(st.text(alphabet="ab.\u00e4 ", min_size=1, max_size=4), min_size=1, max_size=4))
def test_directories_have_one_form(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    if ".." in parts:
        refused(names.directory, path)
    else:
        assert names.directory(path) == names.directory(path + "//") == names.directory(names.directory(path))
        assert names.directory(path).endswith("/")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"address": "arbiter", "port": 2188}, "arbiter|2188"),
        ({"address": "arbiter", "port": None}, "arbiter|2188"),
        ({"address": "10.0.0.5", "port": 2189}, "10.0.0.5|2189"),
        ({"address": "[fe80::1]", "port": 2188}, "fe80::1|2188"),
        ({"address": ""}, ""),
        ("arbiter", "arbiter|2188"),
        ("arbiter|2189", "arbiter|2189"),
        ("arbiter:2189", "arbiter|2189"),
        ("[fe80::1]:2189", "fe80::1|2189"),
        ("fe80::1|2189", "fe80::1|2189"),
        ("fe80::1", "fe80::1|2188"),
        ("", ""),
    ],
)
def test_the_arbiter_has_one_notation(value: t.Any, expected: str) -> None:
    assert address.arbiter(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"address": "ar biter"},
        {"address": "arbiter", "port": 65536},
        {"address": "arbiter", "port": -1},
        "arbiter:x",
        'arbiter"|2188',
        "-arbiter",
        "arbiter|0",
    ],
)
def test_bad_arbiters_are_refused(value: t.Any) -> None:
    assert refused(address.arbiter, value).code == "address_invalid"


@given(st.integers(1, 65535), st.sampled_from(["a", "host-1.example.org", "192.0.2.1"]))
def test_both_notations_of_the_arbiter_mean_the_same(port: int, host: str) -> None:
    assert address.arbiter(f"{host}:{port}") == address.arbiter(f"{host}|{port}") == f"{host}|{port}"


@pytest.mark.parametrize("value", ["", "a b", "a\n", 'a"', "a|b", "a,b", "a_", "\u00e4.example"])
def test_bad_hosts_name_their_option(value: str) -> None:
    assert "superserver_address" in refused(address.host, value, "superserver_address").remedy
