# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a merge file become lines of iris.cpf."""

from __future__ import annotations

from irissim.engine.config import Cpf
from irissim.engine.passwords import is_password_hash
from irissim.library.config_journal import Journal
from irissim.library.config_single import SingleEntry
from irissim.library.config_startup import Startup
from irissim.merge.parameters import known_parameter, known_section
from irissim.merge.source import MergeError, Setting
from irissim.values.errors import StatusError
from irissim.values.status import status_of, text

_SINGLE: dict[str, type[SingleEntry]] = {kind.SECTION: kind for kind in (Journal, Startup)}
PASSWORD_HASH = ("Startup", "PasswordHash")


def check_settings(settings: tuple[Setting, ...]) -> list[Setting]:
    """The settings as the reference spells them; raises MergeError for one that iris.cpf cannot have."""
    return [_checked(setting) for setting in settings]


def password_hash(settings: list[Setting]) -> str:
    """The default password of the predefined users, which is no line of iris.cpf; "" if there is none."""
    # FIDELITY(documented; CPF PasswordHash): an empty PasswordHash is ignored
    return next((setting.value for setting in settings if (setting.section, setting.key) == PASSWORD_HASH), "")


def apply_settings(cpf: Cpf, settings: list[Setting]) -> int:
    """Write the settings that differ; how many they were."""
    # FIDELITY(documented; ACMF 1.4): a value replaces the one in iris.cpf, a parameter that is not there is added
    changed = 0
    for setting in settings:
        # FIDELITY(observed; CPF sample): iris.cpf shows PasswordHash empty, the hash is not kept there
        if (setting.section, setting.key) == PASSWORD_HASH:
            continue
        if not cpf.has(setting.section, setting.key) or cpf.get(setting.section, setting.key) != setting.value:
            cpf.set(setting.section, setting.key, setting.value)
            changed += 1
    if changed:
        cpf.save()
    return changed


def _checked(setting: Setting) -> Setting:
    # FIDELITY(assumed): a section or a parameter that the reference does not have fails the merge before it begins
    section = known_section(setting.section)
    if section is None:
        raise MergeError(f"unknown section [{setting.section}]", setting.line)
    key = known_parameter(section, setting.key)
    if key is None:
        raise MergeError(f"[{section}] has no parameter {setting.key}", setting.line)
    if (section, key) == PASSWORD_HASH and setting.value and not is_password_hash(setting.value):
        raise MergeError("PasswordHash must be hash,salt[,work factor[,algorithm]]", setting.line)
    kind = _SINGLE.get(section)
    entry = next((entry for entry in kind.ENTRIES if entry.name == key), None) if kind else None
    value = setting.value
    if entry is not None:
        try:
            value = entry.checked(value)
        except StatusError as error:
            raise MergeError(text(status_of(error)), setting.line) from None
    return Setting(setting.line, section, key, value)
