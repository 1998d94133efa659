# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""$ZF(-1), $ZF(-2) and $ZF(-100) run commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.objectscript.fakes import Terminal


def test_the_exit_status_comes_back_and_the_output_is_shown(terminal: Terminal) -> None:
    assert terminal.run('write $zf(-1,"echo out; echo err >&2; exit 3")') == "out\nerr\n3"
    assert terminal.run('write $zf(-1,"kill -9 $$")') == "137"


def test_a_program_gets_its_arguments_as_they_are(terminal: Terminal) -> None:
    assert terminal.run('write $zf(-100,"","echo","a b","$HOME")') == "a b $HOME\n0"
    assert terminal.run('set a=2,a(1)="x",a(2)="y z" write $zf(-100,"","printf","%s|",.a)') == "x|y z|0"
    assert terminal.run('write $zf(-100,"","/no/such/program")') == "-1"


def test_a_shell_and_files(terminal: Terminal, tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    line = 'write $zf(-100,"/SHELL /STDOUT""+="" "_"","true")'
    assert "FUNCTION" in terminal.run(line)
    for sign in ("=", "+="):
        assert terminal.run(f'write $zf(-100,"/shell /stdout{sign}""{target}""","echo","one ""two""")') == "0"
    assert target.read_text(encoding="utf-8") == 'one "two"\none "two"\n'
    assert terminal.run(f'write $zf(-100,"/STDIN={target}","cat")').startswith('one "two"\n')
    assert terminal.run(f'write $zf(-100,"/STDOUT={tmp_path}/none/x","echo")') == "-1"


def test_a_background_program_is_not_waited_for(terminal: Terminal, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    assert terminal.run(f'write $zf(-1,"mkfifo {fifo}"),$zf(-100,"/ASYNC","cat","{fifo}"),$zchild>0') == "001"
    assert terminal.run(f'write $zf(-2,"cat {fifo}")') == "0"
    terminal.run(f'set x=$zf(-1,"printf x >{fifo}")')


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ('$zf(-100,"/TRUSTED","ls")', "/TRUSTED"),
        ("$zf(-3,1)", "$ZF(-3)"),
        ("$zf(-1)", "interactive shell"),
    ],
)
def test_what_is_not_supported_is_named(terminal: Terminal, call: str, name: str) -> None:
    output = terminal.run(f"write {call}")
    assert name in output
    assert "not supported by the simulator" in output
