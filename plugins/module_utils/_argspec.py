# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules!

"""Argument specs that modules share. The documentation of the same options is in ``plugins/doc_fragments``."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import env_fallback

Spec = t.Dict[str, t.Any]

#: How to reach a container engine; names, aliases and environment variables as in community.docker.
DOCKER: Spec = {
    "docker_host": {
        "type": "str",
        "default": "unix:///var/run/docker.sock",
        "fallback": (env_fallback, ["DOCKER_HOST"]),
        "aliases": ["docker_url"],
    },
    "tls": {"type": "bool", "default": False, "fallback": (env_fallback, ["DOCKER_TLS"])},
    "validate_certs": {
        "type": "bool",
        "default": False,
        "fallback": (env_fallback, ["DOCKER_TLS_VERIFY"]),
        "aliases": ["tls_verify"],
    },
    "ca_path": {"type": "path", "aliases": ["ca_cert", "tls_ca_cert", "cacert_path"]},
    "client_cert": {"type": "path", "aliases": ["tls_client_cert", "cert_path"]},
    "client_key": {"type": "path", "aliases": ["tls_client_key", "key_path"]},
    "api_version": {
        "type": "str",
        "default": "auto",
        "fallback": (env_fallback, ["DOCKER_API_VERSION"]),
        "aliases": ["docker_api_version"],
    },
    "timeout": {"type": "int", "default": 60, "fallback": (env_fallback, ["DOCKER_TIMEOUT"])},
    "use_ssh_client": {"type": "bool", "default": False},
}

#: Which instance, and how to run its command.
INSTANCE: Spec = {
    "container": {"type": "str"},
    "instance": {"type": "str", "default": "IRIS"},
    "executable": {"type": "str", "default": "iris"},
    "exec_user": {"type": "str"},
    "session_timeout": {"type": "int", "default": 60},
    "ready_timeout": {"type": "int", "default": 60},
}

WAIT: Spec = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
    "wait_sleep": {"type": "float", "default": 1.0},
    "wait_stable": {"type": "int", "default": 2},
}

#: The addresses under which the other members reach this one.
ADDRESSES: Spec = {
    "superserver_address": {"type": "str", "required": True},
    "mirror_address": {"type": "str"},
    "agent_address": {"type": "str"},
    "agent_port": {"type": "int", "default": 2188},
    "virtual_address_interface": {"type": "str"},
}

#: Files on the node for the TLS of the mirror itself.
MIRROR_TLS: Spec = {
    "mirror_tls": {
        "type": "dict",
        "options": {
            "ca_file": {"type": "str", "required": True},
            "certificate_file": {"type": "str", "required": True},
            "private_key_file": {"type": "str", "required": True},
            "private_key_password": {"type": "str", "no_log": True},
        },
    }
}

#: How to reach another member; what is not given is as for the node itself.
_OTHER: Spec = {
    "container": {"type": "str"},
    "instance": {"type": "str", "default": "IRIS"},
    "executable": {"type": "str", "default": "iris"},
    "exec_user": {"type": "str"},
    "docker_host": {"type": "str"},
    "tls": {"type": "bool"},
    "validate_certs": {"type": "bool"},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path"},
    "api_version": {"type": "str"},
    "timeout": {"type": "int"},
    "use_ssh_client": {"type": "bool"},
}

#: The member that databases are copied from.
SOURCE: Spec = {"source": {"type": "dict", "options": _OTHER}}

#: The members that are asked who is primary before something dangerous is done.
PEERS: Spec = {"peers": {"type": "list", "elements": "dict", "default": [], "options": _OTHER}}

#: The members among which a client looks for the primary.
MEMBERS: Spec = {"members": {"type": "list", "elements": "dict", "options": {"name": {"type": "str"}, **_OTHER}}}


def merge(*specs: Spec) -> Spec:
    """One spec of several; a name that occurs twice is a mistake of the author."""
    merged: Spec = {}
    for spec in specs:
        twice = sorted(set(merged) & set(spec))
        if twice:
            raise ValueError("options defined twice: %s" % ", ".join(twice))
        merged.update(spec)
    return merged


def connection(**own: t.Any) -> Spec:
    """The spec of a module that talks to one instance."""
    return merge(INSTANCE, DOCKER, own)
