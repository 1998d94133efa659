# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrors under random faults: never two that acknowledge, never an acknowledged update lost.

MODEL_RUNS is the number of runs with each kind of mirror, MODEL_SEED the first seed, MODEL_LANES how many run at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.model.run import Campaign
from tests.model.steps import draw

RUNS = int(os.environ.get("MODEL_RUNS", "4"))
SEED = int(os.environ.get("MODEL_SEED", "1"))
LANES = int(os.environ.get("MODEL_LANES", "2"))
LENGTH = 12
# So many at most until the loss is found that a mirror without acknowledgements must have.
BROKEN_RUNS = 12
TELLING = ("isolate", "pause_host")


@pytest.mark.slow
@pytest.mark.timeout(120 + 60 * RUNS)
@pytest.mark.parametrize("with_arbiter", [True, False], ids=["arbiter", "agents"])
def test_what_was_acknowledged_survives_any_faults(
    with_arbiter: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = Campaign(tmp_path, with_arbiter)
    campaign.run(((seed, draw(seed, LENGTH, with_arbiter)) for seed in range(SEED, SEED + RUNS)), min(LANES, RUNS))
    with capsys.disabled():
        # Where the standard output of a test belongs to somebody else, this is seen too.
        print(f"\n{campaign.figures}", file=sys.stderr)
    assert campaign.reports == [], "\n\n".join(campaign.reports)
    assert campaign.figures.runs == RUNS


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_model_finds_the_loss_when_nobody_waits_for_the_backup(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, True, ("--without-acknowledgement",))
    seeds = range(SEED, SEED + BROKEN_RUNS)
    campaign.run(((seed, draw(seed, 4, True, TELLING)) for seed in seeds), LANES, until_found=True)
    assert any("acknowledged updates are lost" in report for report in campaign.reports), str(campaign.figures)
