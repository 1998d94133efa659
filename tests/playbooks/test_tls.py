# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mirror without TLS gets it, renews its certificates, and lets in whom the inventory names and nobody else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

SECRET = "PRIVATE KEY"
NODES = ("mirrorA", "mirrorB", "mirrorC")
FILES = {"certificate_file": ".pem", "private_key_file": ".key.pem"}


@pytest.fixture(scope="module")
def lab(nodes: Lab) -> Lab:
    return nodes


def options(lab: Lab) -> list[str]:
    """Where the CA is and where the members keep their copies."""
    files = f"{lab.home}/nodes/{{{{ inventory_hostname }}}}/tls"
    return ["-e", f"tls_directory={lab.home}/ca", "-e", f"iris_mirror_tls_directory={files}", "--diff"]


def requires_tls(lab: Lab, node: str) -> bool:
    return bool(lab.module("iris_mirror_info", node)["mirror"]["settings"]["use_tls"])


def kept(lab: Lab, node: str) -> list[Path]:
    return sorted((lab.directory(node) / "tls").iterdir())


@pytest.fixture(scope="module")
def secured(lab: Lab) -> Lab:
    """From a mirror without TLS to one with it."""
    built = lab.play("site")
    assert built.code == 0, built.output
    early = lab.play("tls_renew", *options(lab))
    assert early.code != 0 and "does not require TLS" in early.output
    bare = lab.play("tls_enable")
    assert bare.code != 0 and "has no certificate" in bare.output
    foretold = lab.play("tls_enable", *options(lab), "--check")
    assert foretold.code == 0, foretold.output
    assert not (lab.home / "ca").exists()
    assert not requires_tls(lab, "mirrorA")

    done = lab.play("tls_enable", *options(lab))
    assert done.code == 0, done.output
    assert SECRET not in done.output
    assert requires_tls(lab, "mirrorA") and requires_tls(lab, "mirrorB")
    return lab


def test_a_repeated_run_changes_nothing(secured: Lab) -> None:
    for name in ("tls_enable", "tls_renew"):
        again = secured.play(name, *options(secured))
        assert again.code == 0 and again.changed == 0, again.output


def test_site_leaves_such_a_mirror_alone(secured: Lab) -> None:
    again = secured.play("site")
    assert again.code == 0 and again.changed == 0, again.output


def test_it_still_replicates(secured: Lab) -> None:
    verified = secured.play("verify")
    assert verified.code == 0, verified.output


def test_keys_are_for_their_owner_only(secured: Lab) -> None:
    for path in [*kept(secured, "mirrorA"), *(secured.home / "ca").glob("*.key.pem")]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_silent_member_stops_it_before_anything_happens(secured: Lab) -> None:
    secured._node("stop", "mirrorB")
    try:
        refused = secured.play("tls_renew", *options(secured), "-e", "tls_force=true")
        assert refused.code != 0 and "cannot be asked" in refused.output
        assert refused.changed == 0
    finally:
        secured._node("start", "mirrorB")
    secured.wait_for("mirrorB", "BACKUP", "write $system.Mirror.GetStatus()")


def test_a_stranger_with_a_good_certificate_stays_out(secured: Lab) -> None:
    """It waits in the list of the primary, and neither site.yml nor the playbooks for TLS let it in."""
    secured.add("stranger")
    files = {
        "ca_file": f"{secured.home}/ca/ca.pem",
        "certificate_file": f"{secured.home}/ca/mirrorB.pem",
        "private_key_file": f"{secured.home}/ca/mirrorB.key.pem",
    }
    address = secured.addresses["stranger"]
    try:
        assert not secured.module("iris_mirror_service", "stranger").get("failed")
        joined = secured.module(
            "iris_mirror_join",
            "stranger",
            name="MIRRORSET",
            member="STRANGER",
            type="dr",
            superserver_address=address,
            primary={"address": secured.addresses["mirrorA"]},
            mirror_tls=files,
            wait=False,
        )
        assert not joined.get("failed"), joined
        secured.wait_for("stranger", "WAITING", "write $system.Mirror.GetStatus()")
        names = [one["name"] for one in secured.module("iris_mirror_info", "mirrorA")["mirror"]["members"]]
        assert sorted(names) == ["MIRRORA", "MIRRORB"]
    finally:
        secured._node("destroy", "stranger")
        del secured.addresses["stranger"]


def test_new_certificates_with_new_names(secured: Lab) -> None:
    before = {node: kept(secured, node) for node in ("mirrorA", "mirrorB")}
    renew = [*options(secured), "-e", "iris_tls_organization=RENEWED"]
    done = secured.play("tls_renew", *renew)
    assert done.code == 0, done.output
    for node, earlier in before.items():
        now = kept(secured, node)
        assert len(now) == 3 and now != earlier
        known = secured.module("iris_mirror_tls", node)["tls"]
        assert known["dn"] == f"CN={node},O=RENEWED"
    again = secured.play("tls_renew", *renew)
    assert again.code == 0 and again.changed == 0, again.output
    assert secured.module("iris_mirror_tls", "mirrorA", verify="all").get("failed") is None
    verified = secured.play("verify")
    assert verified.code == 0, verified.output


CERTIFICATES = """
- name: Make certificates for all members
  hosts: iris_nodes
  gather_facts: false
  tasks:
    - name: Make them
      ansible.builtin.import_role:
        name: irisops.mirror.iris
        tasks_from: authority
"""


@pytest.mark.timeout(600)
def test_site_builds_a_mirror_with_tls_and_an_async_member(secured: Lab) -> None:
    """What tls_enable and add_async come to, from an inventory and with nothing there."""
    torn = secured.play("teardown", "-e", "mirror=MIRRORSET")
    assert torn.code == 0, torn.output
    secured.add("mirrorC")
    secured.host("mirrorC", iris_mirror_type="dr")
    certificates = secured.home / "certificates.yml"
    certificates.write_text(CERTIFICATES, encoding="utf-8")
    made = secured.play("status", *options(secured), str(certificates))
    assert certificates.with_name("ca").joinpath("mirrorC.pem").is_file(), made.output
    for node in NODES:
        files = {name: f"{secured.home}/ca/{node}{end}" for name, end in FILES.items()}
        secured.host(node, iris_mirror_tls={"ca_file": f"{secured.home}/ca/ca.pem", **files})

    wanted = [*options(secured)[2:], "-e", "iris_replace_files=true", "-e", "iris_mirror_require_tls=true"]
    built = secured.play("site", *wanted)
    assert built.code == 0, built.output
    assert SECRET not in built.output
    found = {node: secured.module("iris_mirror_info", node)["mirror"] for node in NODES}
    assert all(one["settings"]["use_tls"] for one in found.values())
    assert [found[node]["role"] for node in NODES] == ["primary", "backup", "async"]
    again = secured.play("site", *wanted)
    assert again.code == 0 and again.changed == 0, again.output
