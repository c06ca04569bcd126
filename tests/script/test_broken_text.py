"""Golden cases: scripts whose fault lies in a text, a template or a marker, each with what has to be said about it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from breathmark.base.errors import ScriptError
from breathmark.script.expand import expand
from breathmark.script.parse import parse

CASES = Path(__file__).parent.parent / "data" / "broken_text"
EXPECTED = re.compile(r"# expect: (?:(?P<path>[^ :]+):)?(?P<line>\d+):(?P<column>\d+): (?P<message>.+)")


def expected(case: Path) -> list[tuple[str, int, int, str]]:
    """Path, line, column and a piece of each message, from the comments at the head of a case."""
    head = [line for line in case.read_text().splitlines() if line.startswith("# expect:")]
    matches = [match for line in head if (match := EXPECTED.fullmatch(line))]
    assert len(matches) == len(head) > 0
    return [
        (match["path"] or case.name, int(match["line"]), int(match["column"]), match["message"]) for match in matches
    ]


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yaml")), ids=lambda case: case.stem)
def test_a_broken_text_is_refused_at_its_own_place(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fault is told with path, line and column, in under a second of processor time; nothing else is thrown."""
    monkeypatch.chdir(CASES)
    start_s = time.process_time()
    with pytest.raises(ScriptError) as caught:
        expand(parse(Path(case.name)))
    assert time.process_time() - start_s < 1.0
    found = [(problem.path, problem.line, problem.column, problem.message) for problem in caught.value.problems]
    for (path, line, column, message), piece in zip(found, expected(case), strict=False):
        assert (path, line, column) == piece[:3]
        assert message.startswith(piece[3])
    assert len(found) >= len(expected(case))


def test_the_good_part_of_every_case_is_good(tmp_path: Path) -> None:
    """The cases fail for their fault alone: the valid segment that each of them carries expands by itself."""
    script = tmp_path / "good.yaml"
    script.write_text(
        "title: A good script\nvariables:\n  name: {default: ''}\nsegments:\n"
        "  - title: A good part\n    say: Here you can arrive{% if name %}, {{ name }}{% endif %}. [pause 3s]\n"
    )
    assert expand(parse(script)).warnings == ()
