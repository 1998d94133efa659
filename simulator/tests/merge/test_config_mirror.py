# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ConfigMirror on one instance: what it refuses, names, and how long it waits for others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from irissim.engine.mirror.types import MirrorState
from irissim.merge.calls import Refusal
from irissim.merge.patience import Patience

Merger = Any


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("Name=DEMO,Member=backup", "ConfigMirror needs the property Primary"),
        ("Name=DEMO,Member=king,Primary=localhost", "ConfigMirror: Member must be one of primary, backup"),
        ("Name=DEMO,Member=primary,Primary=auto", "ConfigMirror: Member=auto and Primary=auto go together"),
        ("Name=DEMO,Member=auto,Primary=localhost", "ConfigMirror: Member=auto and Primary=auto go together"),
        ("Name=DEMO,Member=auto,Primary=auto", "ConfigMirror: the host name mirrorA does not end in -number"),
        ("Name=DEMO,Member=primary,Primary=localhost,Map=primary", "ConfigMirror: Map is for Member=auto only"),
        ("Name=DEMO,Member=primary,Primary=127.0.0.2", "ConfigMirror: Member=primary, but Primary=127.0.0.2 is"),
        ("Name=DEMO,Member=backup,Primary=mirrorA", "ConfigMirror: Member=backup, but Primary=mirrorA is this host"),
        ("Name=DEMO,Member=primary,Primary=localhost,ArbiterURL=a|1", "ConfigMirror: ArbiterURL must be host:port"),
        ("Name=DEMO,Member=primary,Primary=localhost,SSLDir=/none", "ConfigMirror: there is no CAFile.pem in SSLDir"),
        ("Name=DEMO,Member=primary,Primary=localhost,Speed=1", "ConfigMirror has no property Speed"),
        ("Name=DE MO,Member=primary,Primary=localhost", "ERROR #2110"),
        ("Name=DEMO,Member=primary,Primary=localhost", "ConfigMirror DEMO: ERROR #2099"),
        ("Name=DEMO,Member=backup,Primary=127.0.0.2", "ConfigMirror DEMO: ERROR #2099"),
    ],
)
def test_what_config_mirror_refuses(shared: Merger, properties: str, message: str) -> None:
    assert shared.refuses(f"ConfigMirror:{properties}").startswith(f"line 2: {message}")


def test_each_host_reads_its_role_from_its_name(make: Callable[..., Merger]) -> None:
    line = "ConfigMirror:Name=DEMO,Member=auto,Primary=auto,Ordinal=2"
    assert "host x-1 is below Ordinal=2" in make("x-1").refuses(line)
    assert "ERROR #2099" in make("x-2").refuses(line)
    assert "Name=DEMO# needs a host name -number-number, not x-2" in make("x-2").refuses(line.replace("DEMO", "DEMO#"))


def test_a_number_in_the_name_of_the_host_is_one_in_that_of_the_mirror(make: Callable[..., Merger]) -> None:
    merge = make("x-3-0", mirroring=True)
    line = 'ConfigMirror:Name=DEMO#,Member=auto,Primary=auto,Map="primary,backup",ECPAddress=127.0.0.1'
    assert merge.actions(line) == ["ConfigMirror DEMO#"]
    mirror = merge.instance.mirror
    assert (mirror.names(), mirror.state("DEMO3")) == (["DEMO3"], MirrorState.PRIMARY)
    before = merge.instance.config.text()
    assert merge.actions(line, "ConfigMirror:Name=DEMO3,Member=backup,Primary=127.0.0.2,QOSTimeout=1000") == []
    assert merge.instance.config.text() == before, "a mirror that exists is left alone"
    assert merge.actions(f"{line},ArbiterURL=127.0.0.1:9") == ["ConfigMirror DEMO#"]
    assert "127.0.0.1|9" in merge.instance.config.get("Mirrors", "DEMO3")
    assert merge.actions(f"{line},ArbiterURL=127.0.0.1:10") == [], "there is an arbiter"


@pytest.mark.parametrize(
    ("extra", "primary"),
    [
        (',Map="primary,backup,drasync"', "x-3"),
        (',Map="backup,drasync,primary",Ordinal=1', "x-6"),
        ("", "x-4"),
    ],
)
def test_a_host_joins_the_primary_that_the_map_names(make: Callable[..., Merger], extra: str, primary: str) -> None:
    reason = make("x-5", mirroring=True).refuses(f"ConfigMirror:Name=DEMO,Member=auto,Primary=auto{extra}")
    assert f"ERROR #2086: Agent is unreachable with {primary}|2188," in reason


def test_a_primary_that_never_comes(make: Callable[..., Merger]) -> None:
    merge = make(mirroring=True)
    reason = merge.refuses("ConfigMirror:Name=DEMO,Member=backup,Primary=127.0.0.2:9")
    assert reason.startswith("line 2: ConfigMirror DEMO: ERROR #2086")
    assert "127.0.0.2|9" in reason
    assert merge.instance.config.section("Mirrors") == {}


@pytest.mark.parametrize(
    ("code", "stopping", "tries"),
    [(2086, False, 3), (2086, True, 1), (2136, False, 1)],
    ids=["what may pass", "the instance stops", "what will not pass"],
)
def test_what_is_tried_again(code: int, stopping: bool, tries: int) -> None:
    done: list[int] = []

    def work() -> None:
        done.append(code)
        if len(done) < 3:
            raise Refusal("not yet", code)

    patience = Patience(60.0, lambda: stopping)
    if tries == 3:
        patience.until_done(work, (2086,))
    else:
        with pytest.raises(Refusal):
            patience.until_done(work, (2086,))
    assert len(done) == tries
