#!/usr/bin/python
# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iris_mirror_probe
short_description: Write into a mirror without a pause, and see what a takeover costs
version_added: 0.1.0
description:
  - A client of a mirror. It writes numbered records into a mirrored database on whoever is primary, one in a
    transaction, and counts a record as acknowledged when IRIS has answered after the commit. When the member stops,
    hangs, is killed or is no longer primary, it goes on with the new primary.
  - At the end it reads all records on the present primary. It returns how many were acknowledged, which of these are
    missing, and how long nobody could write. Then it removes them.
  - The sessions commit synchronously (C($SYSTEM.Process.SynchCommit)), so an answer means that the journal records are
    safe. IRIS considers them safe when an active backup has received them as well.
  - It keeps one session on each member of O(members), each of which takes a licence unit.
  - Alone it shows that a mirror can be written to. Beside a switchover or a drill, run it with C(async) and C(poll=0).
author: Contributors to the irisops.mirror project (@irisops)

options:
  members:
    description:
      - The failover members, each reached like the node itself, with these options in place of the module's own.
      - The default is the one node that the module's own options name.
      - They must be within reach of the host where the module is executed - containers of any engine, or instances of
        that host.
    type: list
    elements: dict
    suboptions:
      name:
        description: How the result calls the member. The default is the container or the executable.
        type: str
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
  namespace:
    description: A namespace whose globals are in a mirrored database.
    type: str
    required: true
  name:
    description: Global that takes the records, below a node of this probe. Removed at the end.
    type: str
    default: IrisMirrorProbe
  label:
    description:
      - First subscript of the records. Somebody else can wait until it has a value - then the probe is writing.
      - The default is made up anew in each run.
    type: str
  interval:
    description: Seconds between two records.
    type: float
    default: 0.2
  duration:
    description: Seconds to write, at most.
    type: float
    default: 10
  until:
    description:
      - V(duration) writes for O(duration).
      - V(takeover) ends as soon as O(further) records in a row were acknowledged by another member than the first one.
    type: str
    choices: [duration, takeover]
    default: duration
  further:
    description: Records after a takeover, with O(until=takeover).
    type: int
    default: 10
extends_documentation_fragment:
  - irisops.mirror.instance
  - irisops.mirror.attributes
  - irisops.mirror.attributes.actiongroup_iris

attributes:
  check_mode:
    details: Asks who is primary and whether the namespace is mirrored, and writes nothing.
  diff_mode:
    support: none
  idempotent:
    details: What it writes it removes again, so it always reports no change.

notes:
  - It fails when nobody acknowledged a record. Lost records do not make it fail; judge RV(probe.lost).
  - When the run ends before nobody can be asked any more, the records stay; RV(probe.lost) is V(null) then.

seealso:
  - module: irisops.mirror.iris_mirror_info
"""

EXAMPLES = r"""
- name: See that the mirror can be written to
  irisops.mirror.iris_mirror_probe:
    members:
      - container: mirrorA
      - container: mirrorB
    namespace: COMPANY
    duration: 2

- name: Measure a takeover that something else brings about meanwhile
  irisops.mirror.iris_mirror_probe:
    members:
      - container: mirrorA
      - container: mirrorB
    namespace: COMPANY
    until: takeover
    duration: 120
  register: measured
  failed_when: measured is failed or measured.probe.lost != 0
"""

RETURN = r"""
probe:
  description: What was measured.
  returned: always, in check mode without figures
  type: dict
  contains:
    label:
      description: The first subscript of the records.
      type: str
      returned: success
    acknowledged:
      description: Number of records of which IRIS said that they are committed.
      type: int
      returned: success
    lost:
      description: Number of acknowledged records that the present primary lacks, null when nobody could be asked.
      type: int
      returned: success
    lost_records:
      description: The first hundred of them, with RV(ignore:member), RV(ignore:number) and RV(ignore:seconds).
      type: list
      elements: dict
      returned: success
    writable:
      description: Whether the mirror took records to the end.
      type: bool
      returned: success
    longest_gap:
      description: The longest time in seconds without an acknowledgement.
      type: float
      returned: success
    gaps:
      description: >-
        Times without an acknowledgement of a second or more, and those in which the member changed, with
        RV(ignore:begin), RV(ignore:seconds), RV(ignore:from) and RV(ignore:to), which is null when nobody acknowledged
        any more.
      type: list
      elements: dict
      returned: success
    primary_before:
      description: The member that acknowledged the first record.
      type: str
      returned: success
    primary_after:
      description: The member that acknowledged the last record.
      type: str
      returned: success
    timeline:
      description: >-
        Who acknowledged, in order, with RV(ignore:member), RV(ignore:begin), RV(ignore:end) (seconds since the
        beginning) and RV(ignore:acknowledged).
      type: list
      elements: dict
      returned: success
    seconds:
      description: How long it wrote.
      type: float
      returned: success
  sample:
    label: "20260104T120000-4711"
    acknowledged: 61
    lost: 0
    lost_records: []
    writable: true
    longest_gap: 4.2
    gaps:
      - {begin: 5.1, seconds: 4.2, from: mirrorA, to: mirrorB}
    primary_before: mirrorA
    primary_after: mirrorB
    timeline:
      - {member: mirrorA, begin: 0.2, end: 5.1, acknowledged: 25}
      - {member: mirrorB, begin: 9.3, end: 16.8, acknowledged: 36}
    seconds: 16.9
sessions:
  description: Number of C(iris session) runs on all members.
  returned: success
  type: int
  sample: 5
error:
  description: What failed.
  returned: on failure
  type: dict
  contains:
    code:
      description: Stable name of the cause, such as V(no_primary).
      type: str
      returned: always
    numbers:
      description: IRIS error numbers.
      type: list
      elements: int
      returned: always
    text:
      description: What was asked and what came back.
      type: str
      returned: always
    remedy:
      description: What to do next.
      type: str
      returned: always
    member:
      description: The node, as container or host name.
      type: str
      returned: always
  sample:
    code: no_primary
    numbers: []
    text: "none of the members is the primary (mirrorA: not primary; mirrorB: the container is not running)"
    remedy: "Nothing was written. The states of the members and their messages.log say why."
    member: ""
"""

import datetime
import functools
import os
import typing as t

from ansible_collections.irisops.mirror.plugins.module_utils._argspec import MEMBERS, connection
from ansible_collections.irisops.mirror.plugins.module_utils._engine.prober import Prober
from ansible_collections.irisops.mirror.plugins.module_utils._errors import InputError, WaitTimeout
from ansible_collections.irisops.mirror.plugins.module_utils._mirror import probing
from ansible_collections.irisops.mirror.plugins.module_utils._module import IrisModule

#: Seconds for which a member that starts is asked again; there are others, and there is a next time.
READY = 3


def probe(frame: IrisModule) -> dict[str, t.Any]:
    wish = probing.make_wish(frame.params, "%s-%d" % (datetime.datetime.now().strftime("%Y%m%dT%H%M%S"), os.getpid()))
    members = {}
    for options in frame.params["members"] or [{}]:
        merged = {**frame.params, **{key: value for key, value in options.items() if value is not None}}
        name = options.get("name") or merged["container"] or merged["executable"]
        if name in members:
            raise InputError("probe_invalid", "two members are called %s" % name, "Give each its own 'name'.")
        members[name] = functools.partial(frame.session, {**options, "ready_timeout": READY})
    prober = Prober(wish, members, frame.params["session_timeout"])
    primary = prober.survey()
    result: dict[str, t.Any] = {"changed": False, "probe": {"primary_before": primary}}
    if not frame.check_mode:
        result["probe"] = prober.run()
        if not result["probe"]["acknowledged"]:
            raise WaitTimeout(
                "not_writable",
                "nobody acknowledged a record within %g seconds" % result["probe"]["seconds"],
                "The states of the members and their messages.log say why.",
            )
    return {**result, "sessions": prober.sessions}


def main() -> None:
    frame = IrisModule(
        argument_spec=connection(
            **MEMBERS,
            namespace={"type": "str", "required": True},
            name={"type": "str", "default": "IrisMirrorProbe"},
            label={"type": "str"},
            interval={"type": "float", "default": 0.2},
            duration={"type": "float", "default": 10},
            until={"type": "str", "choices": ["duration", "takeover"], "default": "duration"},
            further={"type": "int", "default": 10},
        )
    )
    frame.conclude(probe)


if __name__ == "__main__":
    main()
