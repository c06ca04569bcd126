from __future__ import annotations

import pytest

from breathmark.errors import VoiceError
from breathmark.narrators.registry import resolve_voice
from breathmark.narrators.trial import try_voice


def test_a_voice_says_a_sentence_of_its_own_language() -> None:
    """Without a text it has one; a text of one's own is what is said."""
    usual = try_voice("pyttsx3:de")
    assert (usual.channels, usual.sample_width) == (1, 2)
    assert 2 < usual.duration_seconds < 8
    assert try_voice("pyttsx3:de", text="Hallo.").duration_seconds < usual.duration_seconds
    assert try_voice("tone", speed=0.5).duration_seconds > try_voice("tone", speed=1.0).duration_seconds


def test_without_a_name_the_best_voice_speaks() -> None:
    """It is the one that a script without a voice would be spoken by."""
    assert try_voice("", text="Hello.") == try_voice(resolve_voice("", language="en"), text="Hello.")


def test_an_unknown_voice_is_an_error() -> None:
    """With the near miss."""
    with pytest.raises(VoiceError, match="did you mean"):
        try_voice("pyttsx3:dee")
