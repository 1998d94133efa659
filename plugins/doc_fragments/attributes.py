# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Reads as usual, plans, and reports what a run would do; nothing is written.
  diff_mode:
    support: full
    description: Returns what differs, before and after. The diff of check mode is the diff that the real run makes.
  idempotent:
    support: full
    description: A second run with the same options changes nothing and runs nothing that writes.
  platform:
    support: full
    platforms: posix
    description: Target operating systems.
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: The module only reads, in check mode as well.
  diff_mode:
    support: N/A
    details: The module does not change anything.
    description: Returns what differs, before and after.
  idempotent:
    support: full
    description: The module only reads.
  platform:
    support: full
    platforms: posix
    description: Target operating systems.
"""

    ACTIONGROUP_IRIS = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/irisops.mirror.iris) in C(module_defaults) to set defaults for all modules of the
      collection.
    support: full
    membership:
      - irisops.mirror.iris
"""
