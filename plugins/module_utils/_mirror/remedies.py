# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""IRIS error numbers that users meet: a stable code for programs, a next step for people.

Numbers and meanings: InterSystems Error Reference 2026.1. Which call answers which number is partly inferred; an
unknown number keeps its own text and the code ``iris_error``.
"""

from __future__ import annotations

import typing as t

#: number -> (code, what to do next)
REMEDIES: dict[int, tuple[str, str]] = {
    20: ("file_exists", "Move the file away, or register the database that is already there."),
    57: ("database_missing", "Create the database first (irisops.mirror.iris_database)."),
    60: ("database_mounted", "Dismount the database first."),
    73: ("directory_missing", "Create the directory on the node; it must belong to the IRIS owner (uid 51773)."),
    363: ("system_database", "System databases cannot be mirrored; leave it out of the list."),
    420: ("entry_missing", "Create the entry on this member first."),
    433: ("namespace_missing", "Create the namespace first (irisops.mirror.iris_namespace)."),
    473: ("database_not_configured", "Create the database entry first (irisops.mirror.iris_database)."),
    728: ("certificate_expired", "Give the member a certificate that is in force (playbooks/tls_renew.yml)."),
    729: ("certificate_usage", "The certificate of a member must allow TLS client and TLS server authentication."),
    730: ("certificate_usage", "The certificate of a member must allow TLS client and TLS server authentication."),
    732: ("key_unreadable", "Can IRIS read the file of the key, and is the password right?"),
    733: ("key_mismatch", "Give the private key that belongs to the certificate."),
    734: ("certificate_untrusted", "The CA file must hold the certificate of the CA that signed this one."),
    735: ("tls_missing", "Set up TLS on that member first (irisops.mirror.iris_mirror_tls)."),
    737: ("member_unreachable", "Start that member, or take it out of the mirror; its certificate cannot be verified."),
    739: ("certificate_untrusted", "Compare the CA files, certificates and clocks of both members."),
    740: ("tls_incomplete", "Give the CA file, the certificate and the key of this member."),
    741: ("tls_incomplete", "Give the CA file, the certificate and the key of this member."),
    742: ("certificate_invalid", "Is the file on the node, readable for IRIS, a certificate, and in force by now?"),
    743: ("ca_invalid", "Is the file on the node, readable for IRIS, and does it hold CA certificates?"),
    809: ("service_unknown", "Is this an IRIS that has mirroring? Community images have not."),
    979: ("tls_missing", "Set up TLS on this member first (irisops.mirror.iris_mirror_tls)."),
    983: ("tls_incomplete", "Give the CA file, the certificate and the key of this member."),
    984: ("tls_incomplete", "Give the CA file, the certificate and the key of this member."),
    985: ("tls_incomplete", "Give the CA file, the certificate and the key of this member."),
    986: ("tls_incomplete", "Give the CA file, the certificate and the key of this member."),
    2000: ("journal_missing", "The journals since the copy are purged: copy the database again."),
    2012: ("mirror_name_invalid", "Choose 1 to 15 letters and digits."),
    2022: ("is_primary", "Switch over to the backup first."),
    2027: ("certificate_invalid", "The certificate needs a distinguished name."),
    2032: ("mirror_not_found", "Check the mirror name and that 'primary' names a member of that mirror."),
    2037: ("mirror_not_found", "Check the mirror name and that 'primary' names a member of that mirror."),
    2061: ("database_name_in_use", "Choose another mirrored database name, or delete the database that has it."),
    2063: ("already_mirrored", "Nothing to do; the database is in the mirror."),
    2065: ("create_failed", "Read the reason in the text and in messages.log of the node."),
    2066: ("service_disabled", "Enable it first (irisops.mirror.iris_mirror_service)."),
    2067: ("tls_missing", "Set up TLS on that member first (irisops.mirror.iris_mirror_tls)."),
    2068: ("tls_disabled", "Enable both TLS configurations (irisops.mirror.iris_mirror_tls)."),
    2069: (
        "tls_differs",
        "Set both TLS configurations together (irisops.mirror.iris_mirror_tls).",
    ),
    2073: ("database_not_mirrored", "Copy the database from a member that has it, then activate it."),
    2074: ("not_a_member", "Create or join the mirror on this node first."),
    2078: ("already_activated", "Nothing to do."),
    2082: ("primary_unreachable", "Bring the primary back, or repair the connection to it."),
    2083: ("instance_not_found", "Check 'primary.instance': the name that 'iris list' shows on that host."),
    2084: ("join_failed", "Read the reason in the text and in messages.log of both nodes."),
    2085: ("virtual_address_invalid", "Write the virtual address as address/bits."),
    2086: ("agent_unreachable", "Is the ISCAgent of that host running and its port reachable? Check 'primary'."),
    2090: ("virtual_address_invalid", "Name the network interface (virtual_address_interface)."),
    2099: ("licence_missing", "Install a licence key that allows mirroring, in containers and on several servers."),
    2101: ("mirror_exists", "Choose another mirror name, or remove the old configuration."),
    2102: ("databases_not_ready", "Seed the database on this member first (irisops.mirror.iris_mirror_db)."),
    2109: ("other_mirror", "A failover member belongs to one mirror only."),
    2110: ("mirror_name_invalid", "Choose 1 to 15 letters and digits."),
    2113: ("not_primary", "Run it on the member that is primary now (irisops.mirror.iris_mirror_info)."),
    2116: ("is_primary", "Run it on another member, or switch over first."),
    2117: ("member_type_differs", "Only a disaster recovery async is promoted."),
    2118: ("agent_down", "Start the ISCAgent on this node; IRIS containers start it unless told otherwise."),
    2121: ("agent_unreachable", "Start the ISCAgent on both failover members."),
    2124: ("partner_unknown", "Name a failover member of the mirror as partner."),
    2125: ("partner_not_primary", "Leave out 'partner' while a primary runs."),
    2127: ("primary_unreachable", "The primary could not be told; repair the connection to it."),
    2128: ("agent_unreachable", "Is the ISCAgent of that host running and its port reachable?"),
    2129: ("not_journaled", "Enable journaling for the database."),
    2132: (
        "virtual_address_invalid",
        "Set VirtualAddressInterface in [MirrorMember] of this member, to NoMatchedSubnet where it has none.",
    ),
    2133: ("only_failover_member", "Add a second failover member first."),
    2134: ("other_mirror", "Remove this node from its mirror first."),
    2136: ("agent_too_old", "Upgrade the ISCAgent to the version of the instance."),
    2137: ("two_failover_members", "A mirror has two failover members; join this node as an async member."),
    2148: ("member_name_invalid", "Give a member name of at most 32 characters."),
    2151: ("journals_encrypted", "Encrypted journals need TLS between the members."),
    2152: ("journals_encrypted", "Turn journal encryption off first, or keep TLS."),
    2155: ("primary_running", "Never beside a primary that runs: promote with it as partner."),
    2156: ("demotion_failed", "Read the reason in the text; demote the other member by hand."),
    2157: ("primary_in_trouble", "Wait until the primary is out of trouble, or stop it."),
    2174: (
        "left_over_journals",
        "Remove mirror journal files of an earlier mirror of that name, or choose another name.",
    ),
    2175: ("certificate_invalid", "Use a certificate with a distinguished name of at most 1024 characters."),
    2176: ("no_failover_set", "Clear no-failover first."),
    2177: ("join_refused", "The mirror waits for its unavailable members; see the guide on promotion."),
    2178: ("role_changing", "Another promotion or demotion is running; wait until it has ended."),
}


#: Name of an ObjectScript error (never localised) inside the text of ERROR #5002 -> (code, what to do next)
OBJECTSCRIPT = {
    "<PROTECT>": ("read_only", "Mirrored databases are written on the primary only: is this node the primary now?"),
    "<NAMESPACE>": ("namespace_missing", "Create the namespace first (irisops.mirror.iris_namespace)."),
    "<METHOD DOES NOT EXIST>": ("method_missing", "This release of IRIS does not have the call; use a newer one."),
    "<CLASS DOES NOT EXIST>": ("method_missing", "This release of IRIS does not have the call; use a newer one."),
    "<LICENSE LIMIT EXCEEDED>": ("licence_limit", "Wait until sessions end, or lower the forks."),
}


def lookup(numbers: t.Sequence[int], text: str = "") -> tuple[str, str]:
    """Code and next step for the most telling of several stacked numbers: the innermost known cause."""
    general = (2065, 2084)
    for number in list(reversed([n for n in numbers if n not in general])) + list(numbers):
        if number in REMEDIES:
            return REMEDIES[number]
    for name, known in OBJECTSCRIPT.items():
        if name in text:
            return known
    return ("iris_error", "messages.log of the node says more.")
