"""From a document to a script: the cues and rests of every segment, privacy, and what no text can do."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.base.errors import RequestError, ScriptError
from breathmark.model import Bell, Phase, Rest, Rounds, Say, Script, Segment, utterances
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.script.segments import SaySegment
from breathmark.script.terms import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from breathmark.model import Item
    from breathmark.script.document import Document

VARIABLES = """\
variables:
  name: {default: ""}
  mood: {default: calm, choices: [calm, low]}
  times: {default: 3, type: number}
  kind: {default: yes, type: flag}
  words: {default: sea; sky, type: list}
"""


def document(folder: Path, segments: str, head: str = "") -> Document:
    """A script with these segments."""
    script = folder / "script.yaml"
    script.write_text(f"title: A script\n{head}segments:\n{segments}")
    return parse(script)


def shape(items: Iterable[Item]) -> list[object]:
    """Items as short words: what is said, how a rest came about, what is struck."""
    words: list[object] = []
    for item in items:
        match item:
            case Say():
                words.append(item.utterance.text)
            case Rest():
                words.append(f"{item.level} {item.range.ideal_s:g}" if item.level == "explicit" else item.level)
            case Bell():
                words.append(f"* {item.name}")
            case Phase():
                words.append((item.duration_s, *shape([item.cue] if item.cue else [])))
            case Rounds() | Segment():
                words.append(shape(item.items))
    return words


def expanded(folder: Path, segments: str, head: str = "", **values: str) -> list[object]:
    """The shape of a whole script."""
    return shape(expand(document(folder, segments, head), values).segments)


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        ("Let go. Rest.", ["Let go.", "sentence", "Rest.", "segment"]),
        ("Let go.\n\n\nRest.", ["Let go.", "paragraph", "Rest.", "segment"]),
        ("Let go. [pause 5s] Rest.", ["Let go.", "explicit 5", "sentence", "Rest.", "segment"]),
        ("Let go. [5s] [pause 3s]\n\nRest.", ["Let go.", "explicit 5", "explicit 3", "paragraph", "Rest.", "segment"]),
        ("In [pause 2s] and out.", ["In", "explicit 2", "sentence", "and out.", "segment"]),
        ("Let go [5s]. Rest.", ["Let go", "explicit 5", "sentence", "Rest.", "segment"]),
        ("Listen. [bell] Rest.", ["Listen.", "sentence", "* singing-bowl", "bell", "sentence", "Rest.", "segment"]),
        ("[bell tingsha]", ["* tingsha", "bell", "segment"]),
        ("[pause 5s]", ["explicit 5", "segment"]),
        ("Rest [note: softly] now.\n[note: slowly]\n", ["Rest now.", "segment"]),
        ("Rest.\n...\nRest.", ["Rest.", "explicit 8", "sentence", "Rest.", "segment"]),
        ('Rest. <break time="5s"/> Rest.', ["Rest.", "explicit 5", "sentence", "Rest.", "segment"]),
        (r"A \[spoken\] bracket.", ["A [spoken] bracket.", "segment"]),
    ],
)
def test_rests_between_cues(say: str, expected: list[object], tmp_path: Path) -> None:
    """Markers are rests of their own; between two cues there is one implied rest, by the largest break."""
    indented = say.replace("\n", "\n      ")
    assert expanded(tmp_path, f"  - say: |\n      {indented}\n") == [expected]


def test_orders_of_rests(tmp_path: Path) -> None:
    """`[long]` and silences are of order 1, every other rest of order 0."""
    script = expand(
        document(tmp_path, "  - say: Hi. [long] Ho. [silence 5s] [pause long] [8s] Ha.\n  - silence: 20s..60s..5m\n")
    )
    rests = [item for segment in script.segments for item in segment.items if isinstance(item, Rest)]
    assert [rest.order for rest in rests] == [1, 0, 1, 1, 0, 0, 0, 1, 0]


def test_every_kind_of_segment(tmp_path: Path) -> None:
    """Bells, guided breaths, silences, repeats and includes become what the layout knows."""
    (tmp_path / "part.yaml").write_text("variables:\n  who: {default: you}\nsegments:\n  - say: Hello, {{ who }}.\n")
    segments = """\
  - bell: chime
  - bell: chime
    rest: 5s!
  - breathe: {in: 4s, hold: 1s, out: 6s, rounds: 3..6..12, cue: voice}
  - silence: 20s
  - repeat: 1..3..6
    segments:
      - say: Again.
  - include: part.yaml
  - include: part.yaml
    title: Greeting
    with: {who: all of you}
"""
    assert expanded(tmp_path, segments) == [
        ["* chime", "bell", "segment"],
        ["* chime", "explicit 5", "segment"],
        [[(4.0, "Breathe in."), (1.0, "Hold."), (6.0, "Breathe out.")], "segment"],
        ["explicit 20", "segment"],
        [[["Again.", "segment"]], "segment"],
        ["Hello, you.", "segment"],
        [["Hello, all of you.", "segment"], "segment"],
    ]


@pytest.mark.parametrize(
    ("cue", "expected"),
    [
        ("count", [(1.0, "In"), (1.0, "two"), (1.5, "three"), (1.0, "Out"), (1.0, "two")]),
        ("tone", [(3.5, "* breath-in"), (2.0, "* breath-out")]),
        ("none", [(3.5,), (2.0,)]),
    ],
)
def test_cues_of_guided_breaths(cue: str, expected: list[object], tmp_path: Path) -> None:
    """Phases keep their exact length, whatever marks their start."""
    segments = f"  - breathe: {{in: 3.5s, out: 2s, rounds: 3, cue: {cue}}}\n"
    assert expanded(tmp_path, segments) == [[expected, "segment"]]


def test_no_bell(tmp_path: Path) -> None:
    """Without bells there is neither a strike nor its rest, and a segment that was only a bell is gone."""
    segments = "  - bell: chime\n  - say: One. [bell] Two.\n  - breathe: {in: 4s, out: 6s, rounds: 1, cue: tone}\n"
    script = expand(document(tmp_path, segments), bells=False)
    assert shape(script.segments) == [
        ["One.", "sentence", "Two.", "segment"],
        [[(4.0, "* breath-in"), (6.0, "* breath-out")], "segment"],
    ]


def test_when(tmp_path: Path) -> None:
    """A segment whose `when` is false is left out, and its faults are told all the same."""
    segments = (
        "  - say: One.\n    when: mood == 'low'\n  - say: Two.\n    when: kind and times > 2 and 'sea' in words\n"
    )
    assert expanded(tmp_path, segments, VARIABLES) == [["Two.", "segment"]]
    assert expanded(tmp_path, segments, VARIABLES, mood="low", kind="no") == [["One.", "segment"]]
    with pytest.raises(ScriptError, match="nmae"):
        expanded(tmp_path, "  - say: Hi {{ nmae }}\n    when: mood == 'low'\n", VARIABLES)


def test_voice_ambience_and_lexicon(tmp_path: Path) -> None:
    """A segment's own voice and ambience hold inside it; the lexicon changes what is spoken, not what is shown."""
    (tmp_path / "lexicon.yaml").write_text("en:\n  Ana: Ahna\n")
    segments = (
        "  - say: Ana is here. ANA, not banana.\n    voice: {speed: 0.8, name: 'piper:joe'}\n"
        "    ambience: {below_voice: 30}\n  - say: Ana.\n"
    )
    script = expand(document(tmp_path, segments, "voice: {speed: 0.9, name: pyttsx3}\nambience: {sound: soft-rain}\n"))
    first, second, third = utterances(script)
    assert (first.text, first.caption, first.voice, first.speed) == ("Ahna is here.", "Ana is here.", "piper:joe", 0.8)
    assert second.text == "Ahna, not banana."
    assert (third.voice, third.speed, script.voice) == ("", 0.9, "pyttsx3")
    assert script.segments[0].ambience == replace(script.ambience, below_voice_lu=30.0)
    assert script.segments[1].ambience is None


def private(script: Script) -> list[bool]:
    """Which of the sentences are private."""
    return [each.private for each in utterances(script)]


def test_private_values_mark_their_sentences_only(tmp_path: Path) -> None:
    """A name makes its sentence private and the script, nothing else; its default makes nothing private."""
    segments = (
        "  - say: Welcome{% if name %}, {{ name }}{% endif %}. Rest here {{ mood }}. Bye.\n"
        "  - say: So.\n    when: name != 'Bo'\n"
    )
    source = document(tmp_path, segments, VARIABLES)
    plain, named = expand(source), expand(source, {"name": "Ana", "mood": "low"})
    assert (plain.private, private(plain)) == (False, [False] * 4)
    assert (named.private, private(named)) == (True, [True, False, False, True])


def test_private_values_go_through_includes(tmp_path: Path) -> None:
    """What `with` hands on stays private inside the part."""
    (tmp_path / "part.yaml").write_text(
        "variables:\n  who: {default: you}\nsegments:\n  - say: Hello, {{ who }}. Bye.\n"
    )
    segments = (
        "  - include: part.yaml\n    with: {who: '{{ name|upper }}'}\n"
        "  - include: part.yaml\n    with: {who: '{{ mood }}'}\n"
    )
    script = expand(document(tmp_path, segments, VARIABLES), {"name": "Ana", "mood": "low"})
    assert next(each.text for each in utterances(script)) == "Hello, ANA."
    assert private(script) == [True, False, False, False]


def test_warnings_do_not_stop_a_script(tmp_path: Path) -> None:
    """What looks like a note is left out with a warning at its place."""
    script = expand(document(tmp_path, "  - say: Rest [whisper] now.\n"))
    assert [(each.line, each.column, each.severity) for each in script.warnings] == [(3, 15, "warning")]
    assert [each.text for each in utterances(script)] == ["Rest now."]


@pytest.mark.parametrize("value", ["[pause 30s]", "{{ 7*7 }}", '<break time="9s"/>', "a\nb", "\ue000", "x" * 500])
def test_values_that_are_refused(value: str, tmp_path: Path) -> None:
    """A value that could be taken for a marker, a template or a page of text never gets in."""
    with pytest.raises(RequestError):
        expanded(tmp_path, "  - say: Hi {{ name }}.\n", VARIABLES, name=value)


def test_a_real_name_is_spoken(tmp_path: Path) -> None:
    """Hyphens, accents and apostrophes are part of a name."""
    assert expanded(tmp_path, "  - say: Hi {{ name }}.\n", VARIABLES, name="Ana-María O'Neil") == [
        ["Hi Ana-María O'Neil.", "segment"]
    ]


STRUCTURE = """\
  - say: |
      Welcome, {{ name }}. Now rest [pause 3s] here, {{ name|upper }}!
      {{ name }} is a good name, "{{ name }}" (so {{ name ~ '' }}). [bell]

      And you, {{ name }}? {% for word in words %}We see {{ name }} and {{ word }}.
      {% endfor %}
  - say: So it is, {{ name|title }}... and so on.
"""
NAMES = st.text(st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters="[]<{}"), max_size=24)


@pytest.fixture(scope="module")
def with_names(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A script that says a name in many places."""
    return document(tmp_path_factory.mktemp("names"), STRUCTURE, VARIABLES)


@settings(deadline=None)
@given(name=NAMES.map(lambda name: f"{name.strip()}x"))
def test_a_value_never_changes_the_structure(name: str, with_names: Document) -> None:
    """Whatever a listener is called, there are the same cues and rests in the same order."""
    script = expand(with_names, {"name": name})

    def kinds(items: Iterable[Item]) -> list[str]:
        return [type(item).__name__ + (item.level if isinstance(item, Rest) else "") for item in items]

    expected = [kinds(segment.items) for segment in expand(with_names, {"name": "Ana"}).segments]
    assert [kinds(segment.items) for segment in script.segments] == expected
    assert any(" ".join(name.split()) in each.caption for each in utterances(script))


FRAGMENTS = st.sampled_from(
    [
        *(
            "[pause 3s]",
            "[",
            "]",
            "\\[",
            "[note: x]",
            "[bell]",
            "[whisper]",
            "[5]",
            "<break time='2s'/>",
            "<break",
            "...",
        ),
        *(
            "{{ name }}",
            "{{",
            "}}",
            "{% if name %}",
            "{% endif %}",
            "{% else %}",
            "{% for w in words %}",
            "{% endfor %}",
        ),
        *(
            "{% set x = name %}",
            "{{ x }}",
            "{% macro m(a) %}",
            "{% endmacro %}",
            "{{ m(name) }}",
            "{#",
            "#}",
            "{%",
            "%}",
        ),
        *(
            "Rest.",
            " and so ",
            "\n",
            "\n\n",
            "A",
            "“",
            "”",
            ".",
            " ",
            "🙂",
            "مرحبا",
            "|upper",
            "'",
            '"',
            "(",
            ")",
            "*",
            "1",
        ),
    ]
)


@pytest.fixture(scope="module")
def one_text(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A script with a single text."""
    return document(tmp_path_factory.mktemp("text"), "  - say: x\n", VARIABLES)


@settings(deadline=None, max_examples=300)
@given(raw=st.one_of(st.lists(FRAGMENTS, max_size=25).map("".join), st.text(max_size=60)))
def test_any_text_expands_or_is_refused(raw: str, one_text: Document) -> None:
    """No text makes anything but a script or a ScriptError, and no bracket and no sentinel is ever spoken."""
    (block,) = one_text.segments
    assert isinstance(block, SaySegment)
    text = Text(raw=raw, path=one_text.path, anchors=((0, 1, 1),))
    try:
        script = expand(
            one_text.model_copy(update={"segments": (block.model_copy(update={"say": text}),)}), {"name": "Ana"}
        )
    except ScriptError:
        return
    for each in utterances(script):
        assert not re.search("[\ue000-\uf8ff\U000f0000-\U0010ffff]", each.text + each.caption)
        if "\\[" not in raw:
            assert not {"[", "]"} & set(each.text)


def test_repeats_in_parts_in_repeats_end_somewhere(tmp_path: Path) -> None:
    """Each file is flat enough, all of them together are not: it is a fault with a place, and no RecursionError."""
    for number in range(12):
        inner = f"{{include: {number + 1}.yaml}}" if number < 11 else "{say: Hello.}"
        for _ in range(17):
            inner = f"{{repeat: 1!, segments: [{inner}]}}"
        title = "title: x\n" if number == 0 else ""
        (tmp_path / f"{number}.yaml").write_text(f"{title}segments: [{inner}]\n", encoding="utf-8")
    with pytest.raises(ScriptError, match=r"2\.yaml:1:\d+: error: this is nested too deeply"):
        expand(parse(tmp_path / "0.yaml"))


def test_a_script_with_too_many_cues_is_refused(tmp_path: Path) -> None:
    """Rounds of rounds do not explode: the fault stands at the segment that is too large."""
    segments = "  - say: Hi.\n" + "".join(
        f"{'    ' * level}  - repeat: 900\n{'    ' * level}    segments:\n" for level in range(3)
    )
    with pytest.raises(ScriptError, match=r"4:5: .*20,000"):
        expanded(tmp_path, segments + "              - say: Again.\n")


CAST = "voice: {name: tone, speed: 1.2}\nvoices:\n  inner: {name: 'pyttsx3:en-gb', speed: 0.8}\n  friend: pyttsx3\n"


def speakers(folder: Path, segments: str, head: str = CAST) -> list[tuple[str, str, float]]:
    """What is said, by whom, how fast."""
    return [(each.text, each.voice, each.speed) for each in utterances(expand(document(folder, segments, head)))]


def test_a_paragraph_turns_to_a_speaker_of_the_cast(tmp_path: Path) -> None:
    """To its end, or to `[voice]`; what the cast leaves open is the segment's."""
    say = "One. [voice inner] Two. Three. [voice] Four.\n\n[Voice: friend] Five.\n\nSix."
    assert speakers(tmp_path, f"  - say: {say!r}\n".replace("'", '"')) == [
        ("One.", "", 1.2),
        ("Two.", "pyttsx3:en-gb", 0.8),
        ("Three.", "pyttsx3:en-gb", 0.8),
        ("Four.", "", 1.2),
        ("Five.", "pyttsx3", 1.2),
        ("Six.", "", 1.2),
    ]


def test_a_segment_takes_its_voice_from_the_cast(tmp_path: Path) -> None:
    """A speed of its own stands over the cast's; a turn inside goes back to the segment's voice."""
    segments = "  - {say: 'A. [voice friend] B. [voice] C.', voice: {name: inner, speed: 0.9}}\n"
    assert speakers(tmp_path, segments) == [
        ("A.", "pyttsx3:en-gb", 0.9),
        ("B.", "pyttsx3", 0.9),
        ("C.", "pyttsx3:en-gb", 0.9),
    ]


def test_the_project_s_cast_is_under_the_script_s(tmp_path: Path) -> None:
    """A name that both know is the script's."""
    (tmp_path / "breathmark.yaml").write_text("voices: {inner: tone, other: tone}\n")
    assert speakers(tmp_path, "  - say: '[voice inner] A. [voice other] B.'\n") == [
        ("A.", "pyttsx3:en-gb", 0.8),
        ("B.", "tone", 1.2),
    ]


def test_an_unknown_speaker_is_a_fault(tmp_path: Path) -> None:
    """At its place, with the name that may have been meant; without a cast, with what to do."""
    with pytest.raises(
        ScriptError, match=r"script.yaml:\d+:\d+: error: there is no speaker `iner` \(did you mean `\[voice inner"
    ):
        speakers(tmp_path, "  - say: '[voice iner] A.'\n")
    with pytest.raises(ScriptError, match="name the speaker under `voices:`"):
        speakers(tmp_path, "  - say: '[voice inner] A.'\n", "")


def test_a_turn_makes_no_rest_of_its_own(tmp_path: Path) -> None:
    """Between two speakers stands the implied rest of their sentences, once."""
    assert expanded(tmp_path, "  - say: 'A. [voice inner] B. [voice] [voice friend] C.'\n", CAST) == [
        ["A.", "sentence", "B.", "sentence", "C.", "segment"]
    ]


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("Hello. " + "a" * 60_000, "10:17: error: here is a word of 60,000 letters, and at most 100"),
        ("Hello. Rest " + "and rest " * 300, "10:17: error: this sentence is spoken with"),
        ("Hello. {% for x in words %}{{ x }}{{ x }}{{ x }}{% endfor %}", "here is a word of 480 letters"),
        ("Hello. " + "om " * 100, "this sentence is spoken with"),
    ],
    ids=["a word", "a sentence", "joined values", "respellings"],
)
def test_no_engine_gets_a_word_or_a_sentence_without_end(tmp_path: Path, text: str, piece: str) -> None:
    """It is a fault at its place, before anything is spoken: an engine's memory grows with the length."""
    head = VARIABLES.replace("sea; sky", "; ".join(["s" * 80] * 2)) + "lexicon: {om: " + "-".join(["om"] * 33) + "}\n"
    with pytest.raises(ScriptError) as caught:
        expand(document(tmp_path, f"  - say: {text}\n", head))
    assert len(caught.value.problems) == 1
    assert piece in str(caught.value)
    assert caught.value.problems[0].hint


def test_words_of_scripts_without_spaces_and_addresses_are_fine(tmp_path: Path) -> None:
    """Chinese and Thai have no spaces, and a long address is no word; a long sentence fits."""
    for text in ("静" * 200, "กา" * 100, "https://example.org/" + "one-two/" * 35, "rest " * 390):
        assert expand(document(tmp_path, f"  - say: {text}\n")).segments


def test_a_word_s_sounds_are_given_for_one_occurrence(tmp_path: Path) -> None:
    """They lie at the written word, between words that the lexicon respells; other occurrences are as ever."""
    head = "lexicon: {vipassana: vi-pash-yana, metta: met-tah}\nvariables: {name: {default: Maya}}\n"
    say = (
        "  - say: |\n      Vipassana and *[say: mɛtə | Metta]*, {{ name }}, and metta.\n      [Say: ˈliːd | Lead] on\n"
    )
    first, second = utterances(expand(document(tmp_path, say, head)))
    assert first.caption == "Vipassana and Metta, Maya, and metta."
    assert first.text == "vi-pash-yana and Metta, Maya, and met-tah."
    assert [(first.text[each.start : each.end], each.ipa) for each in first.sounds] == [("Metta", "mɛtə")]
    assert (second.text, [(each.start, each.end) for each in second.sounds]) == ("Lead on", [(0, 4)])


def test_a_word_s_sounds_stand_over_those_of_the_lexicon(tmp_path: Path) -> None:
    """Also where the lexicon has the word in IPA."""
    head = "lexicon: {metta: {ipa: mɛta, say: met-tah}}\n"
    (said,) = utterances(expand(document(tmp_path, "  - say: '[say: meːta | metta] is kindness.'\n", head)))
    assert (said.text, [each.ipa for each in said.sounds]) == ("metta is kindness.", ["meːta"])
