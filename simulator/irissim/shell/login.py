# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a terminal session belongs to: the user of the operating system, or the one who answers the prompts."""

from __future__ import annotations

from irissim.engine.instance import Instance
from irissim.engine.security_objects import NOBODY
from irissim.shell.conversation import Conversation, EndOfInput

SERVICE = "%Service_Terminal"
# FIDELITY(documented; CR24): bits of AutheEnabled of a service
OPERATING_SYSTEM, PASSWORD, UNAUTHENTICATED = 16, 32, 64
ATTEMPTS = 3
DENIED = "Access Denied"


def user_of(instance: Instance, conversation: Conversation, system_user: str) -> str | None:
    """The user name, None when nobody may come in."""
    service = instance.security.service(SERVICE)
    # FIDELITY(documented; SEC): a service that is not enabled lets nobody in
    if not service.enabled:
        conversation.write(f"\n{DENIED}\n")
        return None
    # FIDELITY(documented; SEC): with authentication by the operating system nobody is asked
    # FIDELITY(assumed; SEC): every user of the operating system who can run the command is known to the instance
    if service.authe_enabled & OPERATING_SYSTEM:
        return system_user
    if not service.authe_enabled & PASSWORD:
        if service.authe_enabled & UNAUTHENTICATED:
            return NOBODY
        conversation.write(f"\n{DENIED}\n")
        return None
    return _asked(instance, conversation, bool(service.authe_enabled & UNAUTHENTICATED))


def _asked(instance: Instance, conversation: Conversation, may_be_nobody: bool) -> str | None:
    # FIDELITY(documented; SEC): the prompts are Username: and Password:, lines of standard input answer them; empty
    #   answers are the unknown user where that is allowed
    # FIDELITY(assumed): three attempts, then the session ends with exit code 1
    for _ in range(ATTEMPTS):
        try:
            conversation.write("\nUsername: ")
            name = conversation.read_line().strip()
            conversation.write("\nPassword: ")
            password = conversation.read_line()
        except EndOfInput:
            conversation.write("\n")
            return None
        if not name and not password and may_be_nobody:
            return NOBODY
        objects = instance.security.objects
        if objects.accepts(name, password):
            if objects.users.get(name).get("ChangePassword") != "1":
                return objects.users.stored_name(name)
            conversation.write("\nThe password has to be changed, which is not supported by the simulator.")
        conversation.write(f"\n{DENIED}\n")
    return None
