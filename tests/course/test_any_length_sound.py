"""What a listener hears of any length: the voice and the sound around it, recorded in a real browser's own graph."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.api.compose import compose
from breathmark.audio.loudness import gated_lufs
from tests.formats.material import soundfile_decode

from .browser import needs_chromium, visit
from .hosting import host
from .test_any_length import _short_loops, browser, composed_of, site
from .test_site import until

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page

__all__ = ["_short_loops", "browser", "site"]
"""Fixtures."""
pytestmark = pytest.mark.usefixtures("in_this_process")
RATE_HZ = 44_100

WORKLET = """registerProcessor('recorder', class extends AudioWorkletProcessor {
    process([ambience, voice]) {
        const quiet = new Float32Array(128), piece = new Float32Array(3 * 128);
        [ambience[0], ambience[1] || ambience[0], voice[0]].forEach((one, n) => piece.set(one || quiet, n * 128));
        this.port.postMessage(piece);
        return true;
    }
});"""
RECORDER = """
    window.recorded = [];
    const Real = window.AudioContext, connect = AudioNode.prototype.connect;
    window.AudioContext = class extends Real {
        constructor() {
            super({sampleRate: 44100});
            this.all = this.createGain();  // what goes to the loudspeakers goes through it
            this.begun = this.begin();
        }
        async begin() {
            await this.audioWorklet.addModule('recorder.js');
            const recorder = new AudioWorkletNode(this, 'recorder', {numberOfInputs: 2});
            recorder.port.onmessage = (event) => window.recorded.push(event.data);
            connect.call(this.all, recorder, 0, 0);
            connect.call(this.createMediaElementSource(document.querySelector('audio')), recorder, 0, 1);
            connect.call(recorder, this.destination);
        }
    };
    AudioNode.prototype.connect = function (to, ...more) {
        return connect.call(this, to === this.context.destination ? this.context.all : to, ...more);
    };
"""
TAKEN = """() => {
    const whole = new Float32Array(window.recorded.length * 384);
    window.recorded.forEach((piece, n) => whole.set(piece, n * 384));
    const bytes = new Uint8Array(whole.buffer), texts = [];
    for (let at = 0; at < bytes.length; at += 32768) texts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
    return btoa(texts.join(''));
}"""


def seconds(page: Page) -> float:
    """How much has been recorded."""
    return float(page.evaluate("window.recorded.length")) * 128 / RATE_HZ


def recorded(page: Page) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The ambience, shaped ``(n, 2)``, and the voice, as they left the page's graph."""
    pieces = np.frombuffer(b64decode(page.evaluate(TAKEN)), "<f4").reshape(-1, 3, 128)
    whole = np.moveaxis(pieces, 1, 2).reshape(-1, 3)
    return whole[:, :2].copy(), whole[:, 2].copy()


def levels_lufs(sound: NDArray[np.float32], begin_s: float, end_s: float) -> NDArray[np.float64]:
    """The loudness of each second, every half second."""
    starts = np.arange(begin_s, end_s - 1, 0.5)
    return np.array([gated_lufs(sound[int(at * RATE_HZ) : int((at + 1) * RATE_HZ)], RATE_HZ) for at in starts])


def played(page: Page) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """What sounds over the end of a loop (20 s) and into another sound, which is chosen at the time that is given."""
    page.reload()
    composed_of(page, 120)
    page.get_by_label("Sound around the voice").select_option("Pink noise")
    page.get_by_role("button", name="Play").click()
    until(lambda: seconds(page) > 21)
    changed_s = seconds(page)
    page.get_by_label("Sound around the voice").select_option("Brown noise")
    until(lambda: seconds(page) > changed_s + 5)
    return *recorded(page), changed_s


def is_even(ambience: NDArray[np.float32], changed_s: float, asked_lufs: float) -> bool:
    """Whether it comes within two seconds, is as loud as asked, and has neither a dip nor a bump of 1.5 dB."""
    begun_s = float(np.argmax(np.abs(ambience[:, 0]) > 0)) / RATE_HZ
    begins = levels_lufs(ambience, begun_s, begun_s + 2)
    levels = levels_lufs(ambience, begun_s + 2, changed_s + 5)
    whole_lufs = gated_lufs(ambience[int((begun_s + 2) * RATE_HZ) : int(changed_s * RATE_HZ)], RATE_HZ)
    return bool(
        begun_s < 1
        and begins[0] < asked_lufs - 3
        and abs(whole_lufs - asked_lufs) < 0.5
        and np.abs(levels - asked_lufs).max() < 1.5
    )


@needs_chromium
@pytest.mark.nightly
def test_the_ambience_lies_under_the_voice_without_a_seam(site: Path, browser: Browser, tmp_path: Path) -> None:
    """As far below it as the script says, over a loop's end and into another; the voice is its own."""
    copy = shutil.copytree(site, tmp_path / "out")
    (copy / "site/recorder.js").write_text(WORKLET, encoding="utf-8")
    with host(copy) as (address, _), visit(browser, "about:blank", prepared=RECORDER) as visited:
        page = visited.page
        page.goto(f"{address}/site/01-one.html#120s")
        data = json.loads(page.locator("#session-data").text_content() or "")
        asked_lufs = data["voice_lufs"] - data["below_lu"]
        for _ in range(4):  # a busy machine makes the browser leave out some of the sound
            ambience, voice, changed_s = played(page)
            if is_even(ambience, changed_s, asked_lufs):
                break
        else:
            pytest.fail("it was never even")
        assert visited.complaints == []
    own = soundfile_decode(compose(site / "site/packs/01-one.pack", tmp_path / "x.mp3", length="2m").path)[:, 0]
    heard, expected = (each[int(np.argmax(np.abs(each) > 0.05)) :][: 8 * RATE_HZ] for each in (voice, own))
    assert 20 * np.log10(np.std(heard) / np.std(expected)) == pytest.approx(0, abs=0.1)
    assert np.corrcoef(heard, expected)[0, 1] > 0.99
