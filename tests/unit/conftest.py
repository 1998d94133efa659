# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of all unit tests."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.irisops.mirror.plugins.module_utils._iris.program import Program
from ansible_collections.irisops.mirror.tests.unit.support.fakes import RENDERED

# How long an example takes says more of the machine than of what is tested: on a busy one Hypothesis gives up.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def rendered_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember every program by its text, so that a scripted exchange can answer its steps by name."""
    render = Program.text

    def text(self: Program) -> str:
        rendered = render(self)
        RENDERED[rendered] = self
        return rendered

    monkeypatch.setattr(Program, "text", text)
