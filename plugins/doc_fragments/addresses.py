# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  superserver_address:
    description:
      - Host name or address under which the other members and clients reach the superserver of this node.
      - Always explicit, because the default of IRIS is the host's own name, which other members may not resolve.
    type: str
    required: true
  mirror_address:
    description: Mirror private address of this node, for the data between members. The default is
      O(superserver_address).
    type: str
  agent_address:
    description: Address of the ISCAgent of this node. The default is O(superserver_address).
    type: str
  agent_port:
    description: TCP port of the ISCAgent of this node.
    type: int
    default: 2188
  virtual_address_interface:
    description: Network interface of this node for the mirror's virtual address. Needed exactly when the mirror has
      one.
    type: str
  mirror_tls:
    description:
      - Files on the node from which the TLS configurations C(%MirrorServer) and C(%MirrorClient) are made.
      - Not to be confused with O(tls), which is about the container engine.
    type: dict
    suboptions:
      ca_file:
        description: CA certificates that verify all other members.
        type: str
        required: true
      certificate_file:
        description: Certificate of this member.
        type: str
        required: true
      private_key_file:
        description: Private key of the certificate.
        type: str
        required: true
      private_key_password:
        description: Password of the private key.
        type: str
"""
