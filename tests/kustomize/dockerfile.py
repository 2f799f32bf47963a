"""Parser of the Dockerfile and .dockerignore: stages, their steps, and the build context.

It supports only the instructions that our Dockerfile uses. Any other raises, so that no step is skipped silently.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

STEPS = {
    "RUN": r"(?P<line>[^[\-].*)",  # shell form only: no JSON list, no --mount
    "COPY": r"(--from=(?P<stage>\w+) )?(?P<sources>[^$*?[\-][^$*?[]*) (?P<to>[^\s$]+/)",
    "ENV": r"(?P<name>\w+)=(?P<value>[^\s$\"']+)",
    "WORKDIR": r"(?P<to>/[^\s$]+)",
    "USER": r"(?P<user>\d+):(?P<group>\d+)",
    "EXPOSE": r"(?P<port>\d+)",
    "CMD": r"(?P<command>\[.+\])",
}
FROM = r"FROM (?P<base>\S+)( AS (?P<name>\w+))?"


class Step(NamedTuple):
    word: str
    said: dict[str, str]


class Stage(NamedTuple):
    name: str
    base: str
    steps: list[Step]


def read(text: str) -> list[Stage]:
    """Return the stages in order; an unnamed one has its number. Raises ValueError for an unsupported instruction."""
    stages: list[Stage] = []
    for line in _instructions(text):
        word, _, rest = line.partition(" ")
        if begins := re.fullmatch(FROM, line):
            stages.append(Stage(begins["name"] or str(len(stages)), begins["base"], []))
        elif stages and word in STEPS and (said := re.fullmatch(STEPS[word], rest.strip())):
            stages[-1].steps.append(Step(word, said.groupdict(default="")))
        else:
            raise ValueError(f"This does not know how to follow: {line}")
    return stages


def _instructions(text: str) -> Iterator[str]:
    """Yield the instructions, each on one line. Comments are removed first: one may be between continued lines."""
    lines = [line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\[ \t]*\n", " ", "".join(lines)).splitlines():
        if line.strip():
            yield line.strip()


class Ignored:
    """The paths that a .dockerignore excludes: the last rule that matches a path, or a folder above it, decides."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        self.rules = [(not line.startswith("!"), re.compile(_pattern(line.removeprefix("!")))) for line in lines]

    def __contains__(self, path: str) -> bool:
        parts = path.split("/")
        ways = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        verdicts = [keeps_out for keeps_out, rule in self.rules if any(map(rule.fullmatch, ways))]
        return bool(verdicts) and verdicts[-1]


def _pattern(line: str) -> str:
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    words = re.split(r"(\*\*/|\*\*|\*|\?)", line.strip("/"))
    return "".join(meanings.get(word, re.escape(word)) for word in words)


def make_context(root: Path, to: Path) -> None:
    """Copy the files of the project at `root` that .dockerignore does not exclude. An excluded folder is not
    searched, so an exception (`!`) below it would be missed: ours has none."""
    ignored = Ignored((root / ".dockerignore").read_text())

    def kept_out(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if os.path.relpath(os.path.join(folder, name), root) in ignored]

    shutil.copytree(root, to, symlinks=True, ignore=kept_out)
