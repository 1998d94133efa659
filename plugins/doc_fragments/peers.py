# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  peers:
    description:
      - The other members of the mirror. Before anything is done that could lose data or make a second primary, each of
        them is asked what it is in the mirror; nothing is changed there.
      - A member that does not answer is listed in RV(ignore:peers) and is no failure by itself. The node itself may be
        in the list, it is left out.
      - Each is reached like the node itself, with these options in place of the module's own. Members on other hosts
        that are no containers cannot be reached so; the playbooks of this collection ask them by tasks of their own.
    type: list
    elements: dict
    default: []
    suboptions:
      container:
        description: Container of the member. When not set, it runs on the host where the module is executed.
        type: str
      instance:
        description: Name of the instance.
        type: str
        default: IRIS
      executable:
        description: The C(iris) command of the member.
        type: str
        default: iris
      exec_user:
        description: User in the container.
        type: str
      docker_host:
        description: Engine of the member, when it is another one than O(docker_host).
        type: str
      tls:
        description: As O(tls), for the engine of the member.
        type: bool
      validate_certs:
        description: As O(validate_certs), for the engine of the member.
        type: bool
      ca_path:
        description: As O(ca_path), for the engine of the member.
        type: path
      client_cert:
        description: As O(client_cert), for the engine of the member.
        type: path
      client_key:
        description: As O(client_key), for the engine of the member.
        type: path
      api_version:
        description: As O(api_version), for the engine of the member.
        type: str
      timeout:
        description: As O(timeout), for the engine of the member.
        type: int
      use_ssh_client:
        description: As O(use_ssh_client), for the engine of the member.
        type: bool
"""
