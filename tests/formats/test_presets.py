"""Which file is made, by preset, suffix, format and bit rate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from breathmark.base.errors import RequestError
from breathmark.formats.presets import PRESETS, check_demands, preset_for
from breathmark.formats.registry import file_format, format_names

from .material import RAIN, SESSION


def test_the_default_is_what_podcasts_take() -> None:
    """MP3 128k, 44.1 kHz, stereo, -16 LUFS, -1 dBTP."""
    preset = preset_for()
    assert (preset.name, preset.format, preset.bitrate) == ("podcast", "mp3", "128k")
    assert (preset.rate_hz, preset.channels) == (44_100, 2)
    assert (preset.voice_lufs, preset.ceiling_dbtp) == (-16.0, -1.0)


def test_each_preset_demands_what_it_says() -> None:
    """The rows of the table of presets that differ from the default."""
    assert (PRESETS["insight-timer"].rate_hz, PRESETS["insight-timer"].ending_bell) == (48_000, True)
    assert PRESETS["spotify"].voice_lufs == -14.0
    assert PRESETS["clear"].min_below_voice_lu == 20
    master = PRESETS["master"]
    assert (master.format, master.sample_width, master.voice_lufs) == ("flac", 3, -18.0)


@pytest.mark.parametrize("suffix", [".mp3", "mp3", ".MP3", ".m4b", ".m4a", ".opus", ".wav", ".flac"])
def test_the_suffix_picks_the_format(suffix: str) -> None:
    """With or without its dot, in any case."""
    assert preset_for("podcast", suffix).format == suffix.removeprefix(".").lower()


def test_format_and_suffix_may_agree_but_not_conflict() -> None:
    """The same twice is fine; two different ones are refused with both named."""
    assert preset_for("master", ".wav", "WAV").format == "wav"
    with pytest.raises(RequestError, match=r"\.mp3.*flac"):
        preset_for("podcast", ".mp3", "flac")


def test_an_mp3_is_made_from_16_bit_and_a_master_wav_from_24() -> None:
    """LAME gains nothing from more than 16 dithered bits; a master keeps its 24."""
    assert preset_for("master", ".mp3").sample_width == 2
    assert preset_for("master", ".wav").sample_width == 3
    assert preset_for("podcast", ".wav").sample_width == 2


@pytest.mark.parametrize(("asked", "given"), [("192k", "192k"), ("192", "192k"), ("v2", "V2"), ("V0", "V0")])
def test_bit_rates_are_read_as_people_write_them(asked: str, given: str) -> None:
    """Constant with or without ``k``, variable in any case."""
    assert preset_for("podcast", ".mp3", "", asked).bitrate == given


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("podcst",), "did you mean podcast"),
        (("podcast", ".ogg"), "mp3, m4b, m4a, opus, flac, wav"),
        (("podcast", ".mp4"), "did you mean"),
        (("podcast", ".m4a", "", "V2"), "128k"),
        (("podcast", ".opus", "", "48k"), "64k"),
        (("podcast", ".mp3", "", "100k"), "128k"),
        (("podcast", ".mp3", "", "V9"), "V4"),
        (("podcast", ".flac", "", "128k"), "leave out the bit rate"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(arguments: tuple[str, ...], hint: str) -> None:
    """A RequestError whose text holds the next step."""
    with pytest.raises(RequestError, match=hint):
        preset_for(*arguments)


@pytest.mark.parametrize(
    ("name", "bitrate"), [(name, rate) for name in format_names() for rate in file_format(name).codings]
)
def test_lossy_files_are_limited_below_their_ceiling(name: str, bitrate: str) -> None:
    """And the gain that the mix makes up for is never a boost."""
    preset = preset_for("podcast", name, "", bitrate)
    assert preset.pcm_ceiling_dbtp <= preset.ceiling_dbtp - 0.2
    assert -0.5 < preset.encoder_gain_db <= 0


@pytest.mark.parametrize("name", [name for name in format_names() if not file_format(name).codings])
def test_lossless_files_need_neither_gain_nor_margin(name: str) -> None:
    """What goes in comes out."""
    preset = preset_for("podcast", name)
    assert (preset.encoder_gain_db, preset.pcm_ceiling_dbtp) == (0.0, preset.ceiling_dbtp)


def test_opus_is_laid_out_at_its_only_rate() -> None:
    """48 kHz, whatever the preset says; other formats keep the preset's."""
    assert preset_for("podcast", ".opus").mastering.rate_hz == 48_000
    assert preset_for("podcast", ".m4b").rate_hz == 44_100


def test_another_format_keeps_the_bit_rate_where_it_has_it() -> None:
    """What loses nothing has none; a master that is to lose something gets a high one."""
    assert [preset_for("spotify", name).bitrate for name in ("m4a", "opus", "wav")] == ["192k", "192k", ""]
    assert [preset_for("master", name).bitrate for name in ("mp3", "m4b", "opus")] == ["320k", "192k", "192k"]


def test_an_ending_bell_is_demanded_where_the_preset_says_so() -> None:
    """A bell after the last sentence is enough; a bell before it is not; other presets don't care."""
    preset = PRESETS["insight-timer"]
    check_demands(preset, SESSION)
    early = replace(SESSION, bells=(replace(SESSION.bells[0], start_frame=0),))
    with pytest.raises(RequestError, match="bell after the last sentence"):
        check_demands(preset, early)
    check_demands(PRESETS["podcast"], replace(SESSION, bells=()))


def test_an_audiobook_is_what_acx_takes() -> None:
    """MP3 192k mono at 44.1 kHz, RMS -23 to -18 dB, peak -3 dB, room tone under -60 dB, two hours at most."""
    preset = PRESETS["audiobook"]
    assert (preset.format, preset.bitrate, preset.rate_hz, preset.channels) == ("mp3", "192k", 44_100, 1)
    assert (preset.ceiling_dbtp, preset.longest_s, preset.constant_bitrate) == (-3.0, 7200, True)
    assert preset.narration is not None
    assert (preset.narration.least_rms_db, preset.narration.most_rms_db) == (-23.0, -18.0)
    assert preset.narration.room_tone_db < -60
    assert preset.mastering.narration == preset.narration


def test_an_audiobook_ends_soon_after_its_last_sound_and_within_two_hours() -> None:
    """Five seconds; a ringing bell is a sound. Other presets don't care."""
    preset = PRESETS["audiobook"]
    check_demands(preset, SESSION)
    trailing = replace(SESSION, bells=())
    with pytest.raises(RequestError, match=r"at most 5 s after the last sound, and there are 8"):
        check_demands(preset, trailing)
    with pytest.raises(RequestError, match="at most 120 minutes"):
        check_demands(preset, replace(SESSION, frames=SESSION.rate_hz * 7201))
    check_demands(PRESETS["podcast"], trailing)


def test_ambience_is_lowered_where_the_preset_demands_it() -> None:
    """For ``clear`` to 2 LU more than its 20 under the voice, never raised; other presets leave the layout as it is."""
    loud, soft = (replace(RAIN, below_voice_lu=lu) for lu in (12, 25))
    spans = tuple(replace(SESSION.segments[0], ambience=ambience) for ambience in (loud, soft))
    layout = replace(SESSION, segments=spans)
    lowered = PRESETS["clear"].quietened(layout)
    assert [part.ambience.below_voice_lu for part in lowered.segments] == [22, 25]
    assert replace(lowered, segments=spans) == layout
    assert PRESETS["podcast"].quietened(layout) is layout


def test_the_mixer_is_told_what_the_encoder_will_do() -> None:
    """Its ceiling is the PCM's, its level that of the decoded file."""
    mastering = preset_for("spotify", ".mp3").mastering
    assert (mastering.rate_hz, mastering.channels, mastering.sample_width) == (44_100, 2, 2)
    assert (mastering.voice_lufs, mastering.encoder_gain_db, mastering.ceiling_dbtp) == (-14.0, -0.265, -1.2)
    assert preset_for("master").mastering.sample_width == 3
