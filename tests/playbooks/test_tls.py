# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mirror without TLS gets it, renews its certificates, and lets in whom the inventory names and nobody else."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.irisops.mirror.tests.integration.lab import Lab

SECRET = "PRIVATE KEY"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    lab = Lab(Path(tmp_path_factory.mktemp("tls")))
    try:
        lab.add("arbiter", "--arbiter")
        for node in ("mirrorA", "mirrorB"):
            lab.add(node)
        yield lab
    finally:
        lab.close()


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
