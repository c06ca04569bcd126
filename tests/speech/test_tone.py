from __future__ import annotations

import hashlib
import subprocess
import sys

from breathmark.speech.contract import SpeechRequest
from breathmark.speech.voices.tone import ToneNarrator

CODE = """
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.voices.tone import ToneNarrator
import hashlib
clip = ToneNarrator({}).speak(SpeechRequest(text="Be still, now.", voice="tone:tone", speed=1.0, language="en"))
print(hashlib.sha256(clip.audio.raw_data).hexdigest())
"""


def test_another_process_hums_the_same() -> None:
    """Equal requests give equal bytes, also elsewhere."""
    request = SpeechRequest(text="Be still, now.", voice="tone:tone", speed=1.0, language="en")
    here = hashlib.sha256(ToneNarrator({}).speak(request).audio.raw_data).hexdigest()
    there = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout.strip()
    assert here == there


def test_each_word_has_its_time() -> None:
    """Longer words hum longer, one after the other."""
    request = SpeechRequest(text="A considerable — pause", voice="tone:tone", speed=1.0, language="en")
    words = ToneNarrator({}).speak(request).words
    assert [word.word for word in words] == ["A", "considerable", "pause"]
    lengths = [word.end_s - word.start_s for word in words]
    assert lengths[0] < lengths[2] < lengths[1]
