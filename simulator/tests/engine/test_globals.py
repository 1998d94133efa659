# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Globals against a dictionary, and what namespaces, mappings, locks and errors do to them."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.engine.conftest import CrashableInstances
from tests.patience import PATIENCE

from irissim.engine.instance import Instance
from irissim.engine.valuecodec import decode_value, encode_value
from irissim.objectscript.host import GlobalRef
from irissim.values.collation import encode_path
from irissim.values.errors import OsError
from irissim.values.value import Scalar

SUBSCRIPTS = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([Decimal("1.5"), Decimal("-0.25"), 10**12]),
    st.sampled_from(["a", "ab", "b", "é", "\x00", "a\x00", "x y", "\ud83d"]),
)
PATHS = st.lists(SUBSCRIPTS, max_size=3).map(tuple)
VALUES = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=[]), max_size=20),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False),
)


@pytest.mark.parametrize("value", ["", "a", "\xff", "€", "\ud800", 0, -7, 2**62, Decimal("-.5"), 1.25, float("inf")])
def test_values_come_back_as_they_were(value: Scalar) -> None:
    found = decode_value(encode_value(value))

    assert found == value
    assert type(found) is type(value)


class GlobalsMachine(RuleBasedStateMachine):
    """One global, compared with a dictionary of paths."""

    instance: Instance

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[tuple[Scalar, ...], Scalar] = {}
        self.instance.globals.kill(self.ref(()))

    @staticmethod
    def ref(path: tuple[Scalar, ...]) -> GlobalRef:
        return GlobalRef("DATA", "x", path)

    def below(self, path: tuple[Scalar, ...]) -> list[tuple[Scalar, ...]]:
        return [key for key in self.model if key[: len(path)] == path]

    def children(self, parent: tuple[Scalar, ...]) -> list[Scalar]:
        found = {key[len(parent)] for key in self.below(parent) if len(key) > len(parent)}
        return sorted(found, key=lambda child: encode_path((child,)))

    @rule(path=PATHS, value=VALUES)
    def set(self, path: tuple[Scalar, ...], value: Scalar) -> None:
        self.instance.globals.set(self.ref(path), value)
        self.model[path] = value

    @rule(path=PATHS)
    def kill(self, path: tuple[Scalar, ...]) -> None:
        self.instance.globals.kill(self.ref(path))
        for key in self.below(path):
            del self.model[key]

    @rule(path=PATHS)
    def get_and_data(self, path: tuple[Scalar, ...]) -> None:
        below = any(len(key) > len(path) for key in self.below(path))
        assert self.instance.globals.get(self.ref(path)) == self.model.get(path)
        assert self.instance.globals.data(self.ref(path)) == 10 * below + (path in self.model)

    @rule(parent=st.lists(SUBSCRIPTS, max_size=2).map(tuple), direction=st.sampled_from([1, -1]))
    def walk_siblings(self, parent: tuple[Scalar, ...], direction: int) -> None:
        found = []
        child: Scalar = ""
        while (child := self.instance.globals.order(self.ref((*parent, child)), direction)) != "":  # type: ignore[assignment]
            found.append(child)
        assert found == self.children(parent)[::direction]

    @rule(parent=st.lists(SUBSCRIPTS, max_size=2).map(tuple), start=SUBSCRIPTS, direction=st.sampled_from([1, -1]))
    def sibling_of_anything(self, parent: tuple[Scalar, ...], start: Scalar, direction: int) -> None:
        key = encode_path((start,))
        beyond = [
            child
            for child in self.children(parent)[::direction]
            if (encode_path((child,)) > key if direction > 0 else encode_path((child,)) < key)
        ]
        assert self.instance.globals.order(self.ref((*parent, start)), direction) == (beyond[0] if beyond else "")

    @rule(direction=st.sampled_from([1, -1]))
    def walk_nodes(self, direction: int) -> None:
        keys = sorted(self.model, key=encode_path)[::direction]
        found: list[object] = [()] if direction > 0 and () in self.model else []
        following = self.instance.globals.query(self.ref(() if direction > 0 else ("",)), direction)
        while following is not None:
            found.append(following.subscripts)
            following = self.instance.globals.query(following, direction)
        assert found == keys

    @precondition(lambda self: self.model)
    @rule()
    def commit_and_reopen(self) -> None:
        directory = self.instance.config.get("Databases", "DATA")
        self.instance.databases.dismount(directory)
        self.instance.databases.mount(directory)

    @invariant()
    def global_is_listed_with_data(self) -> None:
        assert ("x" in self.instance.globals.names("DATA")) == bool(self.model)


def test_globals_behave_like_a_dictionary(instance: Instance, data: str) -> None:
    GlobalsMachine.instance = instance
    run_state_machine_as_test(GlobalsMachine, settings=settings(max_examples=25, stateful_step_count=25))


def test_numbers_count_up_for_many_threads(instance: Instance, data: str) -> None:
    ref = GlobalRef("DATA", "counter", ("a",))
    seen: list[object] = []

    def work() -> None:
        seen.extend([instance.globals.increment(ref, 1) for _ in range(300)])

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert sorted(seen) == list(range(1, 1801))  # type: ignore[type-var]
    assert instance.globals.get(ref) == 1800


def test_increment_takes_text_for_numbers(instance: Instance, data: str) -> None:
    ref = GlobalRef("DATA", "n")
    instance.globals.set(ref, "2.5 apples")

    assert instance.globals.increment(ref, "1.25") == Decimal("3.75")


def add_database(instance: Instance, tmp_path: Path, name: str) -> str:
    directory = tmp_path / name.lower()
    directory.mkdir()
    database = instance.databases.create(str(directory))
    instance.config.set("Databases", name, database.directory)
    return database.directory


def test_mappings_choose_the_database(instance: Instance, data: str, tmp_path: Path) -> None:
    other, third = add_database(instance, tmp_path, "OTHER"), add_database(instance, tmp_path, "THIRD")
    for pattern, database in (("Order*", "OTHER"), ("OrderSpecial*", "THIRD"), ("Orders", "DATA")):
        instance.config.set("Map.DATA", f"Global_{pattern}", database)
    instance.config.set("Map.%ALL", "Global_Shared", "THIRD")

    expected = {"Order": other, "OrderX": other, "OrderSpecial": third, "Orders": data, "Ord": data, "Shared": third}
    for name, directory in expected.items():
        instance.globals.set(GlobalRef("DATA", name), name)
        assert instance.globals.get(GlobalRef(f"^^{directory}", name)) == name

    assert instance.globals.names("DATA") == sorted(expected)
    assert instance.globals.names(f"^^{other}") == ["Order", "OrderX"]
    instance.config.remove("Map.DATA", "Global_Order*")
    assert instance.globals.get(GlobalRef("DATA", "OrderX")) is None


def test_percent_and_temporary_globals_live_in_system_databases(instance: Instance, data: str) -> None:
    instance.globals.set(GlobalRef("DATA", "%MyTool", (1,)), "x")
    instance.globals.set(GlobalRef("DATA", "IRIS.TempX"), "y")

    assert instance.globals.get(GlobalRef("%SYS", "%MyTool", (1,))) == "x"
    assert instance.globals.get(GlobalRef(f"^^{instance.mgr}/iristemp/", "IRIS.TempX")) == "y"
    assert "%MyTool" in instance.globals.names("DATA")


def test_order_without_subscripts_walks_globals(instance: Instance, data: str) -> None:
    for name in ("b", "a", "c"):
        instance.globals.set(GlobalRef("DATA", name), 1)

    assert instance.globals.order(GlobalRef("DATA", "")) == "a"
    assert instance.globals.order(GlobalRef("DATA", "b")) == "c"
    assert instance.globals.order(GlobalRef("DATA", "c")) == ""
    assert instance.globals.order(GlobalRef("DATA", "b"), -1) == "a"


@pytest.mark.parametrize(
    ("ref", "error"),
    [
        (GlobalRef("NOWHERE", "a"), "<NAMESPACE>"),
        (GlobalRef("^^/no/such/directory/", "a"), "<DIRECTORY>"),
        (GlobalRef("DATA", "a", ("x", "")), "<SUBSCRIPT>"),
        (GlobalRef("DATA", "a", ("x" * 600,)), "<SUBSCRIPT>"),
    ],
)
def test_bad_references(instance: Instance, data: str, ref: GlobalRef, error: str) -> None:
    with pytest.raises(OsError) as failure:
        instance.globals.set(ref, 1)
    assert failure.value.name == error


def test_strings_have_a_limit(instance: Instance, data: str) -> None:
    with pytest.raises(OsError, match="MAXSTRING"):
        instance.globals.set(GlobalRef("DATA", "a"), "x" * 3641145)


def test_locks_exclude_ancestors_and_descendants_of_others(instance: Instance, data: str) -> None:
    globals_ = instance.globals
    answers: list[bool] = []

    def other(*subscripts: Scalar) -> bool:
        def work() -> None:
            answers.append(globals_.lock(GlobalRef("DATA", "a", subscripts), 0))
            if answers[-1]:
                globals_.unlock(GlobalRef("DATA", "a", subscripts))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(PATIENCE)
        return answers.pop()

    held = GlobalRef("DATA", "a", (1,))
    assert globals_.lock(held, 0)
    assert globals_.lock(held, 0)
    assert (other(1), other(), other(1, 2), other(2)) == (False, False, False, True)
    globals_.unlock(held)
    assert not other(1)
    globals_.unlock(held)
    assert other(1)


@pytest.mark.parametrize("crash", [False, True])
def test_temporary_globals_are_gone_after_a_restart(instances: CrashableInstances, crash: bool) -> None:
    instance = instances.start()
    temporary, lasting = GlobalRef("%SYS", "IRIS.TempNote", ("a",)), GlobalRef("USER", "x", ("a",))
    for ref in (temporary, lasting):
        instance.globals.set(ref, 1)
    if crash:
        instances.crash(instance)
    else:
        instance.stop()
    instance = instances.start()
    assert instance.globals.get(temporary) is None
    assert instance.globals.get(lasting) == 1
