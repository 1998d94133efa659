# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  container:
    description:
      - Name or ID of the running container that holds the instance. The module talks to the engine at O(docker_host).
      - When it is not set, the module runs O(executable) on the host where it is executed, so that IRIS on virtual
        machines and behind other connection plugins works as well.
    type: str
  instance:
    description: Name of the IRIS instance, as C(iris list) shows it.
    type: str
    default: IRIS
  executable:
    description: The C(iris) command, with its path where it is not in the C(PATH).
    type: str
    default: iris
  exec_user:
    description:
      - User in the container that runs O(executable). Only used with O(container).
      - The default is the user of the image, whom IRIS trusts by operating system authentication.
    type: str
  session_timeout:
    description: Seconds that one session may take, in addition to what it waits for by request.
    type: int
    default: 60
  ready_timeout:
    description: Seconds to keep trying while the instance starts and refuses sign-on, or has no licence unit left.
    type: int
    default: 60
  docker_host:
    description:
      - URL of the container engine, such as V(unix:///var/run/docker.sock), V(tcp://192.0.2.23:2376) or
        V(ssh://admin@192.0.2.23).
      - Falls back to the environment variable E(DOCKER_HOST). Podman's API socket works too.
    type: str
    default: unix:///var/run/docker.sock
    aliases: [docker_url]
  tls:
    description: Use TLS to the engine without checking its certificate. Falls back to E(DOCKER_TLS).
    type: bool
    default: false
  validate_certs:
    description: Use TLS to the engine and check its certificate. Falls back to E(DOCKER_TLS_VERIFY).
    type: bool
    default: false
    aliases: [tls_verify]
  ca_path:
    description: File with the CA certificates to check the engine's certificate with.
    type: path
    aliases: [ca_cert, tls_ca_cert, cacert_path]
  client_cert:
    description: File with the client's certificate for the engine.
    type: path
    aliases: [tls_client_cert, cert_path]
  client_key:
    description: File with the key of O(client_cert).
    type: path
    aliases: [tls_client_key, key_path]
  api_version:
    description: Version of the engine's API, or V(auto). Falls back to E(DOCKER_API_VERSION).
    type: str
    default: auto
    aliases: [docker_api_version]
  timeout:
    description: Seconds to wait for an answer of the engine's API. Falls back to E(DOCKER_TIMEOUT).
    type: int
    default: 60
  use_ssh_client:
    description: Use the C(ssh) program instead of Paramiko for V(ssh://) URLs in O(docker_host).
    type: bool
    default: false
requirements:
  - docker >= 7.0.0 (Python package, only with O(container))
notes:
  - A run that changes nothing costs one C(iris session), a change one more; each takes a licence unit while it runs.
  - Verified against the simulator of this collection. No check on licensed IRIS is claimed.
"""
