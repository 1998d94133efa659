# Copyright: Contributors to the irisops.mirror project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes docs/fidelity.md: what the simulator does, how sure that is and on whose word. The simulator's source says it
in comments of one form, `# FIDELITY(standing; sources): text`, continued on lines that start with `#   `."""

from __future__ import annotations

import argparse
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from devtools.console import Failure, say
from devtools.paths import ROOT, SIMULATOR

PACKAGE = SIMULATOR / "irissim"
PAGE = ROOT / "docs" / "fidelity.md"
SOURCES = Path(__file__).with_name("fidelity_sources.toml")
STANDINGS = {
    "documented": "InterSystems' manuals or class reference say so",
    "observed": "somebody with a licensed instance published it (a transcript, a script that relies on it)",
    "assumed": "nobody says so; the simulator had to do something, and chose what cannot hide a mistake",
}
AREAS = {
    "agent": "ISCAgent and arbiter",
    "engine/mirror": "Mirroring",
    "engine": "Databases, journal and configuration",
    "library": "System classes",
    "merge": "Configuration merge",
    "objectscript": "ObjectScript",
    "shell": "Commands and container",
    "values": "Values and texts",
}
START = re.compile(r"^\s*# FIDELITY\((?P<standing>\w+)(?:;\s*(?P<tags>[^)]*))?\):\s*(?P<text>.*)$")
CONTINUED = re.compile(r"^\s*# {3}(?P<text>\S.*)$")
INTRODUCTION = """\
<!--
Copyright: Contributors to the irisops.mirror project
GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later

Made by scripts/fidelity from the comments in simulator/irissim. Change those instead.
-->

# What the simulator does, and on whose word

The simulator stands in for the IRIS container in tests and trials. It has never been compared with a licensed instance
by this project. Every behaviour below therefore says how sure it is and where it comes from; where a production system
depends on it, try it on your own instance.
"""


class Fact(NamedTuple):
    file: str  # below simulator/irissim
    line: int
    standing: str
    tags: tuple[str, ...]
    text: str


def read_facts(lines: Sequence[str], file: str) -> list[Fact]:
    facts = []
    for index, line in enumerate(lines):
        found = START.match(line)
        if found is None:
            if "# FIDELITY" in line:
                raise Failure(f"{file}:{index + 1}: not of the form `# FIDELITY(standing; sources): text`")
            continue
        words = [found["text"].strip()]
        for following in lines[index + 1 :]:
            more = CONTINUED.match(following)
            if more is None or START.match(following):
                break
            words.append(more["text"].strip())
        tags = tuple(tag.strip() for tag in (found["tags"] or "").split(",") if tag.strip())
        facts.append(Fact(file, index + 1, found["standing"], tags, " ".join(words)))
    return facts


def check(facts: Iterable[Fact], sources: dict[str, str]) -> None:
    complaints = []
    for fact in facts:
        where = f"simulator/irissim/{fact.file}:{fact.line}"
        if fact.standing not in STANDINGS:
            complaints.append(f"{where}: {fact.standing} is none of {', '.join(STANDINGS)}")
        if not fact.tags and fact.standing != "assumed":
            complaints.append(f"{where}: {fact.standing}, but no source is named")
        unknown = [tag for tag in fact.tags if source_of(tag, sources) is None and not _is_section(tag)]
        complaints += [f"{where}: unknown source {tag} (known: {SOURCES.name})" for tag in unknown]
    if complaints:
        raise Failure("\n".join(complaints))


def source_of(tag: str, sources: dict[str, str]) -> str | None:
    """`HA 4.7.1` and `CLS SYS.Mirror` name a place in the sources HA and CLS."""
    name = tag.split(maxsplit=1)[0]
    return name if name in sources else None


def _is_section(tag: str) -> bool:
    """The second of two places in one source: `HA 4.7.1, 4.8`; or an error number: `ERR, #2012`."""
    return re.fullmatch(r"#?\d+(\.\d+)*", tag) is not None


def render(facts: Sequence[Fact], sources: dict[str, str]) -> str:
    counts = Counter(fact.standing for fact in facts)
    used = {name for fact in facts for tag in fact.tags if (name := source_of(tag, sources))}
    parts = [INTRODUCTION, "## Standing\n", "| Standing | Behaviours | Meaning |\n|---|---:|---|"]
    parts += [f"| {standing} | {counts[standing]} | {meaning} |" for standing, meaning in STANDINGS.items()]
    parts += ["\n## Sources\n", "| Tag | Source |\n|---|---|"]
    parts += [f"| {name} | {meaning} |" for name, meaning in sources.items() if name in used]
    for area, title in AREAS.items():
        here = [fact for fact in facts if _area(fact.file) == area]
        if here:
            parts.append(f"\n## {title}")
        file = ""
        for fact in here:
            if fact.file != file:
                file = fact.file
                parts += [f"\n### `{file}`\n", "| Behaviour | Standing | Source |\n|---|---|---|"]
            parts.append(f"| {_cell(fact.text)} | {fact.standing} | {_cell(', '.join(fact.tags))} |")
    return "\n".join(parts) + "\n"


def _area(file: str) -> str:
    """The longest area whose directory holds the file."""
    return max((area for area in AREAS if file.startswith(f"{area}/")), key=len, default="")


def _cell(text: str) -> str:
    """Angle brackets and bars are text here, as in <PROTECT> and host|port."""
    return re.sub(r"([|<>*_`\[\]])", r"\\\1", text)


def collect() -> list[Fact]:
    facts = []
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        facts += read_facts(path.read_text(encoding="utf-8").splitlines(), file)
    homeless = sorted({fact.file for fact in facts if not _area(fact.file)})
    if homeless:
        raise Failure(f"no area in scripts/devtools/fidelity.py for {', '.join(homeless)}")
    return facts


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/fidelity", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is not current")
    options = parser.parse_args(arguments)
    sources: dict[str, str] = tomllib.loads(SOURCES.read_text(encoding="utf-8"))["sources"]
    facts = collect()
    check(facts, sources)
    page = render(facts, sources)
    if options.check:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page:
            raise Failure(f"{PAGE.relative_to(ROOT)} is not current: run scripts/fidelity")
        return 0
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page, encoding="utf-8")
    say(f"{PAGE.relative_to(ROOT)}: {len(facts)} behaviours")
    return 0
