# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays out the files of a node: wrappers that pin interpreter and package path, the agent script, the health check."""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from pathlib import Path

import irissim
from irissim.engine.profiles import DEFAULT_PROFILE
from irissim.values.releases import is_before

OWNER, OWNER_ID = "irisowner", 51773
PACKAGE_ROOT = Path(irissim.__file__).resolve().parent.parent

_COMMAND = """#!/bin/sh
IRISSIM_HOME={home}; IRISSYS={registry}; PYTHONPATH={path}
export IRISSIM_HOME IRISSYS PYTHONPATH
unset PYTHONDONTWRITEBYTECODE
exec {command} "$@"
"""

# FIDELITY(observed; LIVE, DUR): the health check reads `iris qlist`: field 4 up to the comma must be "running" and
#   field 9 must not be "alert" or "hung" (older images: must be "ok"); the arbiter is healthy while its agent answers
# FIDELITY(assumed): which images are old in that sense; here those before 2026.1
_HEALTH = """#!/bin/sh
if [ -f {registry}/arbiter ]; then
  exec {agent_check}
fi
line=$({iris} qlist IRIS) || exit 1
status=$(echo "$line" | cut -d^ -f4)
state=$(echo "$line" | cut -d^ -f9)
echo "IRIS: ${{status%%,*}}, state: $state"
[ "${{status%%,*}}" = running ] && {healthy}
"""
_STRICT = '[ "$state" = ok ]'
_LENIENT = '[ "$state" != alert ] && [ "$state" != hung ]'


def module_search_path() -> str:
    """The package and the grammar, so that a node needs no virtual environment to be active."""
    folders = [PACKAGE_ROOT]
    for name in ("tree_sitter", "tree_sitter_objectscript"):
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None:
            folders.append(Path(found.origin).parent.parent)
    return ":".join(str(folder) for folder in dict.fromkeys(folders))


class Layout:
    """Writes the commands of one node."""

    def __init__(self, home: Path, registry: Path, profile: str, python: str = sys.executable) -> None:
        self.home = home
        self.registry = registry
        self._profile = profile
        self._python = python
        self._path = module_search_path()

    def write_commands(self, bin_dir: Path) -> None:
        """`iris` and `iris-main`."""
        client = PACKAGE_ROOT / "irissim" / "shell" / "client.py"
        self._wrapper(bin_dir / "iris", [self._python, "-I", "-S", str(client)])
        self._wrapper(bin_dir / "iris-main", [self._python, "-P", "-m", "irissim.shell.iris_main"])

    def write_agent_scripts(self, file: Path) -> None:
        """`startISCAgent.sh [PORT]` and `$IRISSYS/ISCAgentUser [start]`: the agent in the foreground."""
        for script in (file, self.registry / "ISCAgentUser"):
            self._wrapper(script, [self._python, "-P", "-m", "irissim.shell.agent_script"])

    def write_health_script(self, file: Path, bin_dir: Path) -> None:
        """`irisHealth.sh`."""
        check = f"{shlex.quote(self._python)} -I -S {shlex.quote(str(PACKAGE_ROOT / 'irissim/shell/agent_check.py'))}"
        _script(
            file,
            _HEALTH.format(
                registry=shlex.quote(str(self.registry)),
                iris=shlex.quote(str(bin_dir / "iris")),
                healthy=_STRICT if is_before(self._profile, "2026.1") else _LENIENT,
                agent_check=f"{check} {shlex.quote(str(self.registry / 'arbiter'))}",
            ),
        )

    def _wrapper(self, file: Path, command: list[str]) -> None:
        _script(
            file,
            _COMMAND.format(
                home=shlex.quote(str(self.home)),
                registry=shlex.quote(str(self.registry)),
                path=shlex.quote(self._path),
                command=shlex.join(command),
            ),
        )


def _script(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def install_image(home: Path, registry: Path) -> None:
    """Everything of the image that is not the package: commands at their documented places, owner, directories."""
    layout = Layout(home, registry, os.environ.get("IRISSIM_PROFILE") or DEFAULT_PROFILE)
    bin_dir = home / "bin"
    layout.write_commands(bin_dir)
    layout.write_agent_scripts(Path("/usr/local/etc/irissys/startISCAgent.sh"))
    layout.write_health_script(Path("/irisHealth.sh"), bin_dir)
    Path("/usr/bin/iris").symlink_to(bin_dir / "iris")
    Path("/iris-main").symlink_to(bin_dir / "iris-main")
    # FIDELITY(documented; ADOCK, DUR): irisowner, uid and gid 51773, owns the installation; no tool need add the user
    _append(Path("/etc/group"), f"{OWNER}:x:{OWNER_ID}:\n")
    _append(Path("/etc/passwd"), f"{OWNER}:x:{OWNER_ID}:{OWNER_ID}:IRIS owner:/home/{OWNER}:/bin/sh\n")
    registry.mkdir(parents=True, exist_ok=True)
    for directory in (home, bin_dir, registry.parent, registry):
        os.chown(directory, OWNER_ID, OWNER_ID)


def _append(file: Path, line: str) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(line)


if __name__ == "__main__":
    install_image(Path(sys.argv[1]), Path(sys.argv[2]))
