# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prompts of a terminal for which the operating system does not vouch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

SECRET = "correct horse"


def allow(node: Any, bits: int, enabled: int = 1) -> None:
    """Set what %Service_Terminal accepts, with a session that is let in whatever it says now."""
    node.session(
        f'set p("AutheEnabled")={bits},p("Enabled")={enabled}',
        'do ##class(Security.Services).Modify("%Service_Terminal",.p)',
    )


@pytest.fixture
def asking(node: Any) -> Iterator[Any]:
    """A node that asks for a password; alice has one."""
    node.session(f'do ##class(Security.Users).Create("alice","%All","{SECRET}","Alice")')
    allow(node, 32)
    yield node


def test_lines_of_the_input_answer_the_prompts(asking: Any) -> None:
    given = f"alice\n{SECRET}\nwrite $username\nhalt\n"
    result = asking.iris("session", "IRIS", "-U", "%SYS", given=given)
    assert result.stdout.startswith("\nNode: mirrorA, Instance: IRIS\n\nUsername: \nPassword: ")
    assert "%SYS>alice\n" in result.stdout
    assert SECRET not in result.stdout
    assert result.returncode == 0
    # Without the two lines the first command is taken for a user name.
    lost = asking.iris("session", "IRIS", given="write 1\nwrite 2\nwrite 3\n")
    assert "Access Denied" in lost.stdout
    assert ">" not in lost.stdout
    assert lost.returncode == 1


def test_three_wrong_answers_end_the_session(asking: Any) -> None:
    given = f"alice\nwrong\nnobody\n{SECRET}\n_SYSTEM\n\nalice\n{SECRET}\nwrite 1\n"
    result = asking.iris("session", "IRIS", given=given)
    assert result.stdout.count("Access Denied") == 3
    assert "USER>" not in result.stdout
    assert result.returncode == 1
    assert SECRET not in asking.messages
    stored = json.loads((asking.home / "mgr" / "security-users.json").read_text(encoding="utf-8"))
    assert SECRET not in json.dumps(stored)


def test_a_second_attempt_may_succeed_and_a_single_command_asks_as_well(asking: Any) -> None:
    result = asking.iris("session", "IRIS", given=f"alice\nwrong\nALICE\n{SECRET}\nwrite 42\nhalt\n")
    assert result.stdout.count("Access Denied") == 1
    assert "USER>42" in result.stdout
    command = ("session", "IRIS", "-U%SYS", "##class(Backup.General).IsWDSuspendedExt()")
    assert asking.iris(*command, given=f"alice\n{SECRET}\n").returncode == 3
    assert asking.iris(*command, given="alice\n\n").returncode == 1


def test_the_password_of_a_predefined_account_has_to_be_changed_first(node: Any) -> None:
    assert node.session('do ##class(Security.Users).Get("_SYSTEM",.u) write u("ChangePassword")').count(">1\n") == 1
    allow(node, 32)
    result = node.iris("session", "IRIS", given="_SYSTEM\nSYS\n")
    assert "has to be changed" in result.stdout
    assert result.returncode == 1


def test_expiry_can_be_taken_away(node: Any) -> None:
    output = node.session('do ##class(Security.Users).UnExpireUserPasswords("*",.n) write n>3')
    assert ">1\n" in output
    allow(node, 32)
    assert "USER>_SYSTEM" in node.iris("session", "IRIS", given="_SYSTEM\nSYS\nwrite $username\nhalt\n").stdout


def test_unauthenticated_access_and_a_closed_service(node: Any) -> None:
    allow(node, 96)
    output = node.iris("session", "IRIS", "-U", "%SYS", given="\n\nwrite $username\nhalt\n").stdout
    assert ">UnknownUser\n" in output
    close = 'set p("Enabled")=0 do ##class(Security.Services).Modify("%Service_Terminal",.p)\nhalt\n'
    node.iris("session", "IRIS", "-U", "%SYS", given="\n\n" + close)
    result = node.iris("session", "IRIS", given="write 1\nhalt\n")
    assert "Access Denied" in result.stdout
    assert result.returncode == 1


def test_accounts_are_kept_and_can_be_changed(node: Any) -> None:
    lines = (
        'set sc=##class(Security.Users).Create("bob","%All","first") write "<",sc,">"',
        'write "<",$system.Status.GetErrorCodes(##class(Security.Users).Create("BOB","","x")),">"',
        'set p("Enabled")=0,p("Password")="second" write "<",##class(Security.Users).Modify("Bob",.p),">"',
        'write "<",##class(Security.Users).Exists("bob",.o),o.Enabled,o.Name,">"',
        'write "<",$system.Status.GetErrorCodes(##class(Security.Users).Get("nobody",.q)),">"',
        'write "<",##class(Security.Users).Delete("bob"),##class(Security.Users).Exists("bob"),">"',
    )
    output = node.session(*lines)
    assert [part.split(">")[0] for part in output.split("<")[1:]] == ["1", "837", "1", "10bob", "838", "10"]
