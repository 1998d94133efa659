# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that need no node: style, types, documentation, generated files, the artifact."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from devtools import changelog, fidelity, workspace
from devtools.paths import COLLECTIONS, NAME, NAMESPACE, ROOT, VENV, WORK, tool_environment, venv_bin
from devtools.stages import Shell, Stage

QUALIFIED = f"{NAMESPACE}.{NAME}"


def _tool(program: str) -> Path:
    return venv_bin(VENV, program)


def _ruff(shell: Shell) -> None:
    shell.run(_tool("ruff"), "check", "--no-cache", ".")


def _mypy(shell: Shell) -> None:
    packages = ["irissim", "devtools", f"ansible_collections.{QUALIFIED}.plugins.module_utils"]
    shell.run(_tool("mypy"), *[option for package in packages for option in ("--package", package)])


def _yamllint(shell: Shell) -> None:
    shell.run(_tool("yamllint"), "--strict", ".")


def _ansible_lint(shell: Shell) -> None:
    shell.run(_tool("ansible-lint"), "--offline", "--nocolor", "--profile", "production")


def _docs(shell: Shell) -> None:
    options = ["--plugin-docs", "--skip-rstcheck", "--validate-collection-refs=all"]
    shell.run(_tool("antsibull-docs"), "lint-collection-docs", *options, ROOT)


def _generated(shell: Shell) -> None:
    shell.run(_tool("antsibull-changelog"), "lint")
    fidelity.main(["--check"])
    changelog.main(["--check"])


def _artifact(shell: Shell) -> None:
    """What users install must build, install, pass Galaxy's importer and show the documentation of every module."""
    source = workspace.make(shell.name)
    scratch = WORK / "artifact"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    shell.run(_tool("ansible-galaxy"), "collection", "build", "--output-path", scratch, cwd=source)
    (archive,) = scratch.glob("*.tar.gz")
    installed = scratch / "installed"
    environment = tool_environment(ANSIBLE_COLLECTIONS_PATH=str(installed))
    del environment["ANSIBLE_CONFIG"]
    install: list[str | Path] = [
        "collection",
        "install",
        archive,
        "--no-deps",
        "--offline",
        "--collections-path",
        installed,
    ]
    shell.run(_tool("ansible-galaxy"), *install, cwd=scratch, env=environment)
    names = sorted(f"{QUALIFIED}.{module.stem}" for module in (ROOT / "plugins" / "modules").glob("*.py"))
    # ansible-doc only warns about a module that is not there.
    shell.run(_tool("ansible-doc"), "--type", "module", *names, cwd=scratch, env=environment, refuse="was not found")
    # The importer wants the dependency in place to read the roles.
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)
    environment["GALAXY_IMPORTER_CONFIG"] = str(_importer_settings(scratch))
    shell.run(sys.executable, "-m", "galaxy_importer.main", archive, cwd=scratch, env=environment)


def _importer_settings(scratch: Path) -> Path:
    path = scratch / "galaxy-importer.cfg"
    path.write_text("[galaxy-importer]\nRUN_ANSIBLE_LINT = True\nCHECK_REQUIRED_TAGS = True\n", encoding="utf-8")
    return path


LINT = (
    Stage("ruff", "style of the Python sources (ruff)", _ruff),
    Stage("mypy", "types of simulator, module_utils and tools (mypy)", _mypy),
    Stage("yamllint", "style of the YAML files (yamllint)", _yamllint),
    Stage("ansible-lint", "roles and playbooks (ansible-lint, profile production)", _ansible_lint),
    Stage("docs", "documentation of modules and roles (antsibull-docs)", _docs),
    Stage("generated", "changelog fragments; generated files are current", _generated),
)
ARTIFACT = Stage("artifact", "build, install, galaxy-importer, ansible-doc", _artifact)
