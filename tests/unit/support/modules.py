# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module as Ansible does, up to its output, with fakes in the place of the nodes."""

from __future__ import annotations

import importlib
import json
import types
import typing as t

import pytest
import yaml
from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args

from ansible_collections.irisops.mirror.plugins.module_utils import _module
from ansible_collections.irisops.mirror.tests.unit.support.fakes import FakeTransport

PACKAGE = "ansible_collections.irisops.mirror.plugins"


def load(name: str) -> types.ModuleType:
    return importlib.import_module(f"{PACKAGE}.modules.{name}")


class Run:
    """The result of a module; `text` is all that it printed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.result: dict[str, t.Any] = json.loads(text)

    def __getitem__(self, key: str) -> t.Any:
        return self.result[key]

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))

    def steps(self) -> list[tuple[str, str]]:
        return [(action["step"], action["target"]) for action in self.result["actions"]]


class Runner:
    """Runs modules; transports are found by the name of their container."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(
        self, name: str, params: t.Mapping[str, t.Any], *transports: FakeTransport, check: bool = False
    ) -> Run:
        by_name = {transport.name: transport for transport in transports}
        self.monkeypatch.setattr(_module, "make_transport", lambda options, host: by_name[options["container"] or host])
        self.capsys.readouterr()
        # Ansible keeps the warnings of a process, which runs one module and not many
        self.monkeypatch.setattr(warnings, "_global_warnings", {})
        # and takes a process that has loaded the controller's classes (tests of plugins do) for the controller
        if hasattr(warnings, "_internal"):
            self.monkeypatch.setattr(warnings._internal, "is_controller", False, raising=False)
        arguments = {"container": "mirrorA", **params, "_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            load(name).main()
        run = Run(self.capsys.readouterr().out)
        for transport in transports:
            transport.assert_is_done()
        return run


class Captured(Exception):
    """Carries what a module hands to AnsibleModule."""

    def __init__(self, **arguments: t.Any) -> None:
        super().__init__("captured")
        self.arguments = arguments


def argument_spec(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, t.Any]:
    def capture(**arguments: t.Any) -> None:
        raise Captured(**arguments)

    monkeypatch.setattr(_module, "AnsibleModule", capture)
    with pytest.raises(Captured) as raised:
        load(name).main()
    assert raised.value.arguments["supports_check_mode"] is True
    return dict(raised.value.arguments["argument_spec"])


def documentation(name: str) -> dict[str, t.Any]:
    """The documentation with the options of its fragments."""
    document = yaml.safe_load(load(name).DOCUMENTATION)
    options = dict(document["options"])
    for fragment in document["extends_documentation_fragment"]:
        _namespace, _collection, file, *part = fragment.split(".")
        source = importlib.import_module(f"{PACKAGE}.doc_fragments.{file}").ModuleDocFragment
        merged = yaml.safe_load(getattr(source, part[0].upper() if part else "DOCUMENTATION"))
        assert not set(merged.get("options") or {}) & set(options), "an option is documented twice"
        options.update(merged.get("options") or {})
    return {**document, "options": options}


def returned(name: str) -> dict[str, t.Any]:
    return dict(yaml.safe_load(load(name).RETURN))


def examples(name: str) -> list[dict[str, t.Any]]:
    return list(yaml.safe_load(load(name).EXAMPLES))
