# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Examples in the documents must parse, and use modules, options, roles and variables that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import specs
import yaml
from blocks import PAGES, ROOT, Block, all_blocks

YAML = all_blocks("yaml")
COMMANDS = all_blocks("console", "sh", "bash")

#: Keys of a task that are no module.
KEYWORDS = frozenset(
    (
        *("name", "when", "register", "vars", "tags", "args", "environment", "module_defaults", "no_log", "throttle"),
        *("loop", "loop_control", "until", "retries", "delay", "notify", "delegate_to", "run_once"),
        *("changed_when", "failed_when", "ignore_errors", "any_errors_fatal", "check_mode", "diff"),
        *("become", "become_user"),
    )
)
BLOCKS = ("block", "rescue", "always")
SECTIONS = ("pre_tasks", "tasks", "post_tasks", "handlers")
ROLE_TASKS = ("ansible.builtin.import_role", "ansible.builtin.include_role")
#: Groups that the playbooks read; all other names with this prefix are variables.
GROUPS = frozenset(
    (
        *("iris_nodes", "iris_arbiters", "iris_asyncs", "iris_gateways", "iris_primaries"),
        *("iris_primary", "iris_backup", "iris_dr", "iris_reporting", "iris_outside", "iris_silent"),
    )
)

#: A path in the repository.
PATH = re.compile(r"(?<![\w/.-])((?:inventories|playbooks|scripts|simulator|tests|docs)/[\w./-]+)")


def documents(block: Block) -> Iterator[Any]:
    yield from (one for one in yaml.safe_load_all(block.text) if one is not None)


def tasks_of(entries: list[Any]) -> Iterator[Mapping[str, Any]]:
    """All tasks of a list of tasks or plays, those in blocks included."""
    for entry in entries:
        for key in (*SECTIONS, *BLOCKS):
            yield from tasks_of(entry.get(key) or [])
        if not any(key in entry for key in ("hosts", "ansible.builtin.import_playbook", *BLOCKS)):
            yield entry


def call(task: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    names = [key for key in task if key not in KEYWORDS and not key.startswith("with_")]
    assert len(names) == 1, f"not one module: {names}"
    return names[0], {**(task[names[0]] or {}), **(task.get("args") or {})}


def plays_and_tasks(block: Block) -> list[Any]:
    """The lists of a block whose entries are plays or tasks."""
    found: list[Any] = []
    for document in documents(block):
        if isinstance(document, list):
            found.extend(document)
    return found


@pytest.mark.parametrize("block", YAML, ids=str)
def test_yaml_parses(block: Block) -> None:
    assert list(documents(block)), "an empty example"


@pytest.mark.parametrize("block", YAML, ids=str)
def test_plays_and_tasks_have_names(block: Block) -> None:
    for entry in plays_and_tasks(block):
        assert entry.get("name"), f"no name: {entry}"
    for task in tasks_of(plays_and_tasks(block)):
        assert task.get("name"), f"no name: {task}"


@pytest.mark.parametrize("block", YAML, ids=str)
def test_modules_take_these_options(block: Block) -> None:
    complaints = []
    for task in tasks_of(plays_and_tasks(block)):
        module, options = call(task)
        namespace, _, name = module.rpartition(".")
        assert namespace, f"{module} has no collection"
        if namespace == specs.COLLECTION:
            assert specs.is_module(name), f"there is no module {module}"
            complaints += [f"{task['name']}: {text}" for text in specs.complaints_of_module(name, options)]
        elif module == "ansible.builtin.set_fact":
            continue
        else:
            documentation = specs.foreign_documentation(FOREIGN)
            assert module in documentation, f"there is no module {module}"
            told = specs.complaints_of_foreign_module(documentation[module], options)
            complaints += [f"{task['name']}: {text}" for text in told]
    assert complaints == []


def _foreign_modules() -> tuple[str, ...]:
    modules = {call(task)[0] for block in YAML for task in tasks_of(plays_and_tasks(block))}
    return tuple(sorted(name for name in modules if not name.startswith(specs.COLLECTION)))


FOREIGN = _foreign_modules()


@pytest.mark.parametrize("block", YAML, ids=str)
def test_roles_and_playbooks_exist(block: Block) -> None:
    for play in plays_and_tasks(block):
        for playbook in [play["ansible.builtin.import_playbook"]] if "ansible.builtin.import_playbook" in play else []:
            assert (ROOT / "playbooks" / f"{playbook.removeprefix('irisops.mirror.')}.yml").is_file(), playbook
        for role in play.get("roles") or []:
            _role_exists(role if isinstance(role, str) else role["role"])
    for task in tasks_of(plays_and_tasks(block)):
        module, options = call(task)
        if module in ROLE_TASKS:
            _role_exists(options["name"], options.get("tasks_from", "main"))


def _role_exists(name: str, tasks: str = "main") -> None:
    assert name.startswith("irisops.mirror."), f"{name} has no collection"
    assert (ROOT / "roles" / name.removeprefix("irisops.mirror.") / "tasks" / f"{tasks}.yml").is_file(), name


def variables_of(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping with variables of the roles, at any depth of an inventory, of variables or of a play."""
    if isinstance(value, list):
        for one in value:
            yield from variables_of(one)
    elif isinstance(value, dict):
        ours = {name: one for name, one in value.items() if str(name).startswith("iris_") and name not in GROUPS}
        if ours:
            yield ours
        for name, one in value.items():
            if name not in ours:
                yield from variables_of(one)


@pytest.mark.parametrize("block", YAML, ids=str)
def test_roles_know_these_variables(block: Block) -> None:
    complaints = []
    for document in documents(block):
        for variables in variables_of(document):
            complaints += specs.complaints_of_variables(variables)
    assert complaints == []


SOURCES = [block for block in YAML if "plugin: irisops.mirror." in block.text]


@pytest.mark.parametrize("block", SOURCES, ids=str)
def test_sources_of_the_inventory_take_these_options(block: Block) -> None:
    for document in documents(block):
        assert specs.complaints_of_source(document) == []


@pytest.mark.parametrize("block", COMMANDS, ids=str)
def test_commands_name_what_exists(block: Block) -> None:
    """Files of the repository, playbooks of the collection and targets of make."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for target in re.findall(r"^(?:\$ )?make ([a-z]+)", block.text, re.M):
        assert target in targets, f"make has no target {target}"
    for path in PATH.findall(block.text):
        assert (ROOT / path).exists(), f"there is no {path}"
    for name in re.findall(r"\birisops\.mirror\.(\w+)\b", block.text):
        kinds = ("modules", "inventory")
        things = (f"playbooks/{name}.yml", f"roles/{name}", *(f"plugins/{kind}/{name}.py" for kind in kinds))
        assert any((ROOT / thing).exists() for thing in things), f"there is no irisops.mirror.{name}"


def plays_on_a_line(block: Block) -> Iterator[tuple[str, list[str]]]:
    """The playbooks of the collection that a block starts, each with the names of its extra variables."""
    for line in block.text.replace("\\\n", " ").splitlines():
        for name in re.findall(r"\birisops\.mirror\.(\w+)\b", line):
            if (ROOT / "playbooks" / f"{name}.yml").is_file():
                plain = re.findall(r"(?:-e|--extra-vars) ([a-z_]+)=", line)
                structured = [text for text in re.findall(r"(?:-e|--extra-vars) '(\{.*?\})'", line) if ":" in text]
                yield name, [*plain, *(key for text in structured for key in yaml.safe_load(text))]


@pytest.mark.parametrize("block", COMMANDS, ids=str)
def test_playbooks_read_the_variables_of_these_commands(block: Block) -> None:
    """In their own plays, or in a task file of the roles, such as the report."""
    tasks = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "roles").glob("*/tasks/*.yml"))
    for playbook, names in plays_on_a_line(block):
        text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
        for name in names:
            known = name in specs.role_variables() or re.search(rf"\b{name}\b", text + tasks)
            assert known, f"{playbook}.yml does not read {name}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.suffix == ".md"], ids=lambda page: page.name)
def test_links_inside_the_repository_lead_somewhere(page: Any) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_there_are_examples_to_check() -> None:
    """A reader of blocks that finds nothing would make every other test here pass."""
    pages = {block.page for block in YAML}
    assert "README.md" in pages
    assert sum(page.startswith("docs/docsite/rst/") for page in pages) >= 5
    assert sum(bool(names) for block in COMMANDS for _, names in plays_on_a_line(block)) >= 20
