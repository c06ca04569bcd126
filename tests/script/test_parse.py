from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import ScriptError
from breathmark.base.unsaved import unsaved
from breathmark.model import ROOM_TONE_DB, Ambience, Count, EntryCondition, Range, utterances
from breathmark.script.expand import expand
from breathmark.script.lexicon import Pronunciation
from breathmark.script.parse import parse
from breathmark.script.segments import (
    BellSegment,
    BreatheSegment,
    IncludeSegment,
    RepeatSegment,
    SaySegment,
    SilenceSegment,
)
from breathmark.script.settings import BUILT_IN_PACING
from breathmark.script.terms import VoiceSetting
from breathmark.script.variables import typed

if TYPE_CHECKING:
    from breathmark.script.document import Document

SCRIPT = """\
title: Three Small Steps
summary: Name it, share it, soften it.
author: A Teacher
language: no
level: intermediate
concepts: [C1, C2]
length: 5m..10m..30m
cover: art/cover.jpg
voice: {speed: 0.9}
ambience: {sound: soft-rain, swell: 3}
lexicon: {Metta: met-ta}
variables:
  name: {default: "", max_length: 24}
  anchor: {default: body, choices: [body, sound, breath]}
  rounds: 3
  code: "010"
  bells: yes
  wishes: {default: [be well, be calm]}
pacing: {sentence: 1s..2s..3s, vow: 9s}
macros: parts/wishes.j2
segments:
  - bell: singing-bowl
    rest: 5s!
  - title: Welcome
    kind: opening
    say: |
      Welcome{% if name %}, {{ name }}{% endif %}. [pause 3s]

      Whatever you choose is fine. [long]
  - breathe: {in: 4s, out: 6s, rounds: 3..6..12, cue: count}
    when: anchor == "breath"
  - optional: {from: 8m, priority: 2}
    say: Later.
    voice: piper:joe
    ambience: none
  - optional: yes
    say: Perhaps.
  - optional: no
    say: Always.
  - repeat: 1..3..6
    segments:
      - say: Again.
  - include: parts/grounding.yaml
    with: {sense: "{{ anchor }}"}
  - silence: 20s..60s..5m
  - bell:
"""
PART = """\
variables: {sense: touch}
segments:
  - say: Feel the {{ sense }}.
  - bell: bells/own.wav
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    """A script that uses every key, in a project with settings and a lexicon."""
    files = {
        "breathmark.yaml": (
            "voice: {name: tone, speed: 1.1}\nambience: {below_voice: 24, swell: 5}\npacing: {long: 30s}\n"
        ),
        "lexicon.yaml": "no: {om: ohm, metta: metter}\nde: {om: nein}\n",
        "scripts/three.yaml": SCRIPT,
        "scripts/parts/grounding.yaml": PART,
        "scripts/parts/wishes.j2": "{% macro wish() %}\nMay you be well.\n{% endmacro %}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return parse(tmp_path / "scripts" / "three.yaml")


def test_the_head_is_typed_by_the_schema(document: Document, tmp_path: Path) -> None:
    """Plain scalars were strings: `no` is a language, and every field has its own type."""
    assert document.language == "no"
    assert document.level == "intermediate"
    assert document.concepts == ("C1", "C2")
    assert document.length == Range(min_s=300, ideal_s=600, max_s=1800)
    assert document.cover == tmp_path / "scripts" / "art" / "cover.jpg"
    assert document.author is not None
    assert document.author.raw == "A Teacher"


def test_script_over_settings_over_built_in(document: Document) -> None:
    """Voice, ambience, pacing and lexicon merge field by field in that order."""
    assert document.voice == VoiceSetting(name="tone", speed=0.9)
    assert document.ambience == Ambience(sound="soft-rain", below_voice_lu=24, swell_lu=3)
    assert document.pacing["sentence"] == Range(min_s=1, ideal_s=2, max_s=3)
    assert document.pacing["long"] == Range(min_s=15, ideal_s=30, max_s=90)
    assert document.pacing["vow"] == Range(min_s=4.5, ideal_s=9, max_s=27)
    assert document.pacing["breath"] == BUILT_IN_PACING["breath"]
    assert document.lexicon == {"om": Pronunciation(say="ohm"), "metta": Pronunciation(say="met-ta")}


def test_each_kind_of_segment(document: Document) -> None:
    """All six, with what each may say, in the order of the text."""
    bell, say, breathe, *_, repeat, include, silence, last = document.segments
    assert isinstance(bell, BellSegment)
    assert (bell.bell, bell.rest) == ("singing-bowl", Range(min_s=5, ideal_s=5, max_s=5))
    assert isinstance(say, SaySegment)
    assert say.title is not None
    assert (say.title.raw, say.kind) == ("Welcome", "opening")
    assert isinstance(breathe, BreatheSegment)
    assert breathe.breathe.model_dump(exclude={"rounds"}) == {
        "in_s": 4,
        "hold_s": 0,
        "out_s": 6,
        "rest_s": 0,
        "cue": "count",
    }
    assert breathe.breathe.rounds == Count(min=3, ideal=6, max=12)
    assert breathe.when is not None
    assert breathe.when.raw == 'anchor == "breath"'
    assert isinstance(repeat, RepeatSegment)
    assert len(repeat.segments) == 1
    assert isinstance(include, IncludeSegment)
    assert include.given["sense"].raw == "{{ anchor }}"
    assert isinstance(silence, SilenceSegment)
    assert silence.silence == Range(min_s=20, ideal_s=60, max_s=300)
    assert isinstance(last, BellSegment)
    assert (last.bell, last.rest) == ("singing-bowl", None)


def test_optional_in_all_its_forms(document: Document) -> None:
    """A mapping, yes and no; voice and ambience have their short forms too."""
    later, perhaps, always = document.segments[3:6]
    assert later.optional == EntryCondition(from_s=480, priority=2)
    assert perhaps.optional == EntryCondition()
    assert always.optional is None
    assert later.voice
    assert later.voice.model_dump(exclude_none=True) == {"name": "piper:joe"}
    assert later.voice.over(document.voice) == VoiceSetting(name="piper:joe", speed=0.9)
    assert later.ambience
    assert later.ambience.model_dump(exclude_none=True) == {"sound": "none"}
    assert later.ambience.over(document.ambience) == Ambience(sound="none", below_voice_lu=24, swell_lu=3)


def test_room_tone_room_and_de_esser_are_switched_by_one_word(tmp_path: Path) -> None:
    """Each is the segment's over the script's over the project's over the built-in; `off` is no level at all."""
    settings = "voice: {de_esser: off}\nroom: on\nambience: {room_tone: -70 dB}\n"
    (tmp_path / "breathmark.yaml").write_text(settings, encoding="utf-8")
    script = tmp_path / "chain.yaml"
    body = "segments:\n  - say: One.\n  - say: Two.\n    voice: {de_esser: WORD}\n    ambience: {room_tone: off}\n"
    script.write_text(f"title: A\n{body.replace('WORD', 'on')}", encoding="utf-8")
    found = expand(parse(script))
    first, second = found.segments
    assert found.room
    assert [said.de_esser for said in utterances(found)] == [False, True]
    assert (found.ambience.room_tone_db, first.ambience) == (-70, None)
    assert second.ambience
    assert second.ambience.room_tone_db is None
    script.write_text(f"title: A\nroom: off\n{body.replace('WORD', 'no')}", encoding="utf-8")
    assert not expand(parse(script)).room
    (tmp_path / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    built_in = expand(parse(script))
    assert (built_in.room, built_in.ambience.room_tone_db) == (False, ROOM_TONE_DB)
    assert [said.de_esser for said in utterances(built_in)] == [True, False]


def test_variables_get_the_type_that_they_speak_of(document: Document) -> None:
    """Choices, plain numbers and yes or no tell the type; quotes make text; only free text is private."""
    private = document.private_names
    found = {name: (each.type, each.default, name in private) for name, each in document.variables.items()}
    assert found == {
        "name": ("text", "", True),
        "anchor": ("choice", "body", False),
        "rounds": ("number", "3", False),
        "code": ("text", "010", True),
        "bells": ("flag", "yes", False),
        "wishes": ("list", "be well; be calm", True),
    }
    values = {name: typed(each.default, each.type) for name, each in document.variables.items()}
    assert values["rounds"] == 3
    assert values["bells"] is True
    assert values["wishes"] == ("be well", "be calm")


def test_a_default_of_nothing_is_nothing(tmp_path: Path) -> None:
    """``null`` in a script is not the word, in a default and in ``with``; curly quotation marks are refused."""
    part = tmp_path / "part.yaml"
    part.write_text("variables: {sense: body}\nsegments:\n  - say: '{{ sense }}'\n", encoding="utf-8")
    script = tmp_path / "x.yaml"
    body = "title: x\nvariables:\n  one: null\n  two: {default: ~}\n  three: {default: 'null'}\nsegments:\n"
    script.write_text(f"{body}  - include: part.yaml\n    with: {{sense: null}}\n", encoding="utf-8")
    document = parse(script)
    assert [each.default for each in document.variables.values()] == ["", "", "null"]
    assert isinstance(document.segments[0], IncludeSegment)
    assert document.segments[0].given == {}
    script.write_text(body.replace("null\n", "“”\n", 1) + "  - say: Hello.\n", encoding="utf-8")
    with pytest.raises(
        ScriptError, match=r"x.yaml:3:8: error: `one`: its default is in quotation marks as a word processor"
    ):
        parse(script)


def test_places_lie_in_the_right_file(document: Document, tmp_path: Path) -> None:
    """A part's text and a macro's text name their own files; a part's variables are the author's, so not private."""
    include = next(block for block in document.segments if isinstance(block, IncludeSegment))
    feel, bell = include.part.segments
    assert isinstance(feel, SaySegment)
    place = feel.say.place(feel.say.raw.index("{{"))
    assert (Path(place.path), place.line, place.column) == (tmp_path / "scripts/parts/grounding.yaml", 3, 19)
    assert isinstance(bell, BellSegment)
    assert bell.bell == "scripts/parts/bells/own.wav"
    assert "sense" in include.part.variables
    assert not include.part.private_names
    macro = document.macros[0]
    place = macro.place(macro.raw.index("well"))
    assert (Path(place.path), place.line, place.column) == (tmp_path / "scripts/parts/wishes.j2", 2, 12)


def test_markers_have_their_own_place(document: Document) -> None:
    """An offset in a block text is a line and column of the file."""
    say = document.segments[1]
    assert isinstance(say, SaySegment)
    for marker in ("[pause 3s]", "[long]"):
        place = say.say.place(say.say.raw.index(marker))
        assert SCRIPT.split("\n")[place.line - 1][place.column - 1 :].startswith(marker)


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    """Links are resolved before the root is compared, for a file as for a folder."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("segments: [{say: Secret.}]\n", encoding="utf-8")
    project = tmp_path / "project"
    project.mkdir()
    (project / "link.yaml").symlink_to(outside / "secret.yaml")
    (project / "folder").symlink_to(outside)
    (project / "loop.yaml").symlink_to(project / "loop.yaml")
    script = project / "a.yaml"
    script.write_text(
        "title: x\nsegments:\n- say: Fine.\n- include: link.yaml\n- include: folder/secret.yaml\n"
        "- include: loop.yaml\n- include: ../outside/secret.yaml\n",
        encoding="utf-8",
    )
    with pytest.raises(ScriptError) as caught:
        parse(script)
    assert [problem.line for problem in caught.value.problems] == [4, 5, 6, 7]
    assert "Secret" not in str(caught.value)


def test_a_link_to_itself_is_reported(tmp_path: Path) -> None:
    """As a file that can't be read, also beside texts that an editor has changed."""
    script = tmp_path / "loop.yaml"
    script.symlink_to(script)
    with unsaved({tmp_path / "other.yaml": "title: x\n"}), pytest.raises(ScriptError, match="can't be read"):
        parse(script)


def test_includes_that_multiply_are_refused(tmp_path: Path) -> None:
    """Ten files that include the next one ten times would be 10^10 segments; counting them takes no time."""
    for number in range(10):
        text = "segments:\n" + f"- include: p{number + 1}.yaml\n" * 10
        (tmp_path / f"p{number}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "p10.yaml").write_text("segments: [{say: a}]\n", encoding="utf-8")
    script = tmp_path / "a.yaml"
    script.write_text("title: x\nsegments:\n- say: Fine.\n- include: p0.yaml\n", encoding="utf-8")
    with pytest.raises(ScriptError, match="more than 24,000,000 characters"):
        parse(script)


def test_includes_nest_only_so_deep(tmp_path: Path) -> None:
    """A chain of files ends with a fault, not with the interpreter's stack."""
    for number in range(60):
        (tmp_path / f"p{number}.yaml").write_text(f"segments:\n- include: p{number + 1}.yaml\n", encoding="utf-8")
    script = tmp_path / "a.yaml"
    script.write_text("title: x\nsegments:\n- include: p0.yaml\n", encoding="utf-8")
    with pytest.raises(ScriptError, match="includes are nested more than 12 deep"):
        parse(script)


def test_an_alias_writes_a_segment_once(tmp_path: Path) -> None:
    """YAML's own repetition works as long as it stays small."""
    script = tmp_path / "a.yaml"
    script.write_text("title: x\nsegments:\n- &bell {bell: chime}\n- say: Hello.\n- *bell\n", encoding="utf-8")
    first, _, last = parse(script).segments
    assert isinstance(last, BellSegment)
    assert last == first


def test_emoji_and_right_to_left_text_are_text(tmp_path: Path) -> None:
    """What people write in their own script is a script."""
    script = tmp_path / "a.yaml"
    script.write_text("title: שלום 🧘\nsegments:\n- say: |\n    نفس عميق. 🙏 Ana-María O'Neil\n", encoding="utf-8")
    document = parse(script)
    assert document.title.raw == "שלום 🧘"
