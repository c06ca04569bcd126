"""How voices are understood and rated: words that Whisper hears otherwise, and the quality that DistillMOS predicts.

Sixty sentences of the shipped course, a quarter of them of two to four words, are rendered by each voice as listeners
get them (MP3 of 128 kbit/s, the course's speed and lexicon) but without ambience, cut out of the file, and judged one
by one. Homophones, numbers in figures and spelling are forgiven, as by ``breathmark verify --listen``.

Run it by ``scripts/judge-voices --listen MODEL``. No test needs it, and CI does not run it. It needs

- a model of Whisper that is on this machine, by name (``base``) or as a folder (see ``docs/delivery.md``);
- for the column of DistillMOS, ``pip install distillmos torch``; without, the column is empty.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

import soxr
import yaml

from breathmark import Options, render
from breathmark.audio.ffmpeg import read
from breathmark.audio.pcm import Format
from breathmark.formats.session import read_record
from breathmark.model import utterances
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.speech.voices.kokoro import KokoroNarrator
from breathmark.verification.comparison import word_count, words_apart
from breathmark.verification.listening import listen
from breathmark.verification.recogniser import open_recogniser
from building import COURSE, MEDITATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from breathmark.formats.session import RenderRecord
    from breathmark.verification.recogniser import Recogniser
    from breathmark.verification.verdict import HeardText

VOICES = ("hibari:heart", "piper:joe", "pyttsx3")
KOKORO = "kokoro:af_heart"
SENTENCES, SHORT = 60, 15
SHORTEST, LONGEST_SHORT = 2, 4
"""Words of a short sentence."""
AROUND_S = 0.1
"""What a listener hears as part of a sentence: its clip's own margins, and the end of its sound in a room."""
RATED_HZ = 16_000
"""The rate that DistillMOS is made for."""


class Rating(Protocol):
    """What rates speech without a reference."""

    def __call__(self, samples: NDArray[np.float32]) -> float:
        """The mean opinion, from 1 to 5, that people would have of one channel at 16 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One sentence by one voice."""

    text: str
    heard: str
    words: int
    apart: int
    """How many of its words are missing, added or other in what was heard."""
    rating: float | None


class NotingRecogniser:
    """A recogniser that keeps what it heard."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self.name = recogniser.name
        self.heard: list[str] = []

    def recognise(self, samples: NDArray[np.float32], language: str) -> tuple[HeardText, ...]:
        """See ``Recogniser``."""
        found = self._recogniser.recognise(samples, language)
        self.heard.append(" ".join(each.text for each in found))
        return found


def chosen_sentences() -> tuple[str, ...]:
    """Sixty of the course, evenly spread over it in both lengths; the same each time."""
    scripts = sorted((MEDITATIONS / COURSE).glob("[0-9]*.yaml"))
    said = dict.fromkeys(each.caption for path in scripts for each in utterances(expand(parse(path), {})))
    short = [text for text in said if SHORTEST <= word_count(text) <= LONGEST_SHORT]
    long = [text for text in said if word_count(text) > LONGEST_SHORT]
    return (*_spread(short, SHORT), *_spread(long, SENTENCES - SHORT))


def _spread(texts: Sequence[str], count: int) -> list[str]:
    return [texts[number * len(texts) // count] for number in range(count)]


def judge(voice: str, texts: Sequence[str], recogniser: Recogniser, rating: Rating | None) -> list[Judged]:
    """Render the sentences by a voice, and judge each in the finished file."""
    with TemporaryDirectory() as place:
        course = Path(shutil.copytree(MEDITATIONS, Path(place, "meditations"))) / COURSE
        script = {
            "title": "Sixty",
            "segments": [{"title": "All", "say": "".join(f"{text} [pause 1s]\n\n" for text in texts)}],
        }
        (course / "sixty.yaml").write_text(yaml.safe_dump(script), encoding="utf-8")
        file = render(course / "sixty.yaml", course / "sixty.mp3", Options(voice=voice, ambience="none")).path
        record, noting = read_record(file), NotingRecogniser(recogniser)
        listen(file, record, noting)
        ratings = [rating(each) for each in sentences_in(file, record)] if rating else [None] * len(record.speech)
    return [
        Judged(
            text=spoken.text,
            heard=heard,
            words=word_count(spoken.text),
            apart=words_apart(spoken.text, heard, spoken.language),
            rating=rated,
        )
        for spoken, heard, rated in zip(record.speech, noting.heard, ratings, strict=True)
    ]


def sentences_in(file: Path, record: RenderRecord) -> list[NDArray[np.float32]]:
    """What a finished file holds of each sentence, with a little around it, at 16 kHz in one channel.

    DistillMOS is sensitive to the resampler and to what lies around a sentence: as Whisper gets it, with ffmpeg's
    resampler and up to 0.25 s around, delivered speech by Hibari rated 0.2 lower.
    """
    whole = read(file, Format(rate_hz=record.rate_hz, channels=1))[:, 0]
    found = []
    for spoken in record.speech:
        begin, end = spoken.start_frame - AROUND_S * record.rate_hz, spoken.end_frame + AROUND_S * record.rate_hz
        part = whole[max(round(begin), 0) : round(end)]
        found.append(soxr.resample(part, record.rate_hz, RATED_HZ, quality="VHQ"))
    return found


def distillmos() -> Rating | None:
    """The rating by DistillMOS; None where that is not installed."""
    try:
        import torch  # noqa: PLC0415 - large, and not needed for the rest
        from distillmos import ConvTransformerSQAModel  # noqa: PLC0415 - as above
    except ImportError:
        return None
    model = ConvTransformerSQAModel()
    model.eval()

    def rating(samples: NDArray[np.float32]) -> float:
        with torch.no_grad():
            return float(model(torch.from_numpy(samples.copy())[None, :]))

    return rating


def word_error(sentences: Sequence[Judged]) -> float:
    """The share of words that are missing, added or other, in percent."""
    return 100 * sum(each.apart for each in sentences) / max(sum(each.words for each in sentences), 1)


def told(voice: str, sentences: Sequence[Judged]) -> str:
    """A line of the table, and below it what was heard differently."""
    short = [each for each in sentences if each.words <= LONGEST_SHORT]
    ratings = [each.rating for each in sentences if each.rating is not None]
    rated = (
        f"{statistics.mean(ratings):.2f} ± {statistics.pstdev(ratings):.2f}, least {min(ratings):.2f}"
        if ratings
        else "-"
    )
    line = f"{voice:<18} {len(sentences):>9} {sum(each.words for each in sentences):>6} {word_error(sentences):>9.1f} "
    lines = [f"{line}{word_error(short):>9.1f}  {rated}"]
    lines += [f"    written  {each.text}\n    heard    {each.heard}" for each in sentences if each.apart]
    return "\n".join(lines)


def main() -> None:
    """Judge the voices that the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--listen", required=True, metavar="MODEL", help="a model of Whisper: its name or its folder")
    parser.add_argument("--voice", action="append", metavar="VOICE", help="judge this one; may be repeated")
    options = parser.parse_args()
    voices = options.voice or [*VOICES, *([KOKORO] if not KokoroNarrator.missing() else [])]
    recogniser, rating, texts = open_recogniser(options.listen), distillmos(), chosen_sentences()
    print(recogniser.name)
    print(f"{'voice':<18} {'sentences':>9} {'words':>6} {'other, %':>9} {'in short':>9}  DistillMOS")
    found = {}
    for voice in voices:
        found[voice] = judge(voice, texts, recogniser, rating)
        print(told(voice, found[voice]), flush=True)
    Path("dist").mkdir(exist_ok=True)
    data = {voice: [asdict(each) for each in sentences] for voice, sentences in found.items()}
    Path("dist/voices.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
