from __future__ import annotations

import email.utils
import logging
import pickle
import re
import struct
import time
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import httpx
import pytest

from breathmark.base.errors import VoiceError
from breathmark.speech import narrate as room
from breathmark.speech.contract import GaveUpError, Remote, SpeechRequest
from breathmark.speech.level import trim
from breathmark.speech.narrate import narrate
from breathmark.speech.pace import LEVEL_PASSAGE, PASSAGE, count_words
from breathmark.speech.registry import list_voices, resolve_voice
from breathmark.speech.voices import speech_server as speechserver
from breathmark.speech.voices.openai import OpenaiNarrator

if TYPE_CHECKING:
    from collections.abc import Callable

    from breathmark.model import Utterance
    from breathmark.speech.clips.store import ClipCache

    from .conftest import Handler, TalkingServer

KEY = "sk-very-Secret-0123456789"
SENTENCE = "Let your shoulders sink, a little more."


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow at once where the server asks for no pause; the user's own keys and proxies are out of reach.

    Nor do clips get times of words (test_word_alignment.py), for which each run would load another voice.
    """
    monkeypatch.setattr(speechserver, "_backoff", lambda _state: 0.0)
    monkeypatch.setattr("breathmark.speech.orders._REFERENCES", ())
    for name in ("BREATHMARK_OPENAI_KEY", "OPENAI_API_KEY", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def request(text: str = SENTENCE, voice: str = "openai:alto", speed: float = 1.0) -> SpeechRequest:
    """A request to this narrator."""
    return SpeechRequest(text=text, voice=voice, speed=speed, language="en")


def settled(server: TalkingServer, **others: str) -> dict[str, str]:
    """The server's settings, its pace known, so that a sentence is one request."""
    return server.settings | {"pace": "210"} | others


def spoken(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance], text: str = SENTENCE, **others: str
) -> float:
    """Narrate one sentence; gives its length (s)."""
    said = utterance(text, voice="openai:alto")
    clip = narrate([said], voice="", cache=cache, settings={"openai": settled(server, at_once="1", **others)})[said]
    return clip.frames / clip.rate_hz


# What bad servers answer.


def empty(handler: Handler) -> None:
    """A body of no bytes."""
    handler.give(b"")


def page(handler: Handler) -> None:
    """A web page, as a wrong address gives it."""
    handler.give(b"<html>Welcome</html>", Content_Type="text/html; charset=utf-8")


def regretful(handler: Handler) -> None:
    """An error that claims to be none."""
    handler.give(b'{"error": "sorry"}', Content_Type="application/json")


def disguised(handler: Handler) -> None:
    """An MP3 file under the name of WAV."""
    handler.give(b"ID3\x04" + bytes(5000), Content_Type="audio/wav")


def no_samples(handler: Handler) -> None:
    """A header alone."""
    handler.give(
        b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHHI", 16, 1, 1, 22050, 44100, 2, 16, 0)
    )


def cut_by_header(handler: Handler) -> None:
    """The file says that it is longer than what comes."""
    handler.give(handler.server.wav(_SAY)[:-4000])


def cut_by_connection(handler: Handler) -> None:
    """The connection breaks before all has come that the answer's length promises."""
    data = handler.server.wav(_SAY)
    handler.close_connection = True
    handler.give(data[: len(data) // 2], Content_Length=str(len(data)))


def cut_in_a_chunk(handler: Handler) -> None:
    """The same with an answer of unknown length, which the WAV header does not know either."""
    data = streamed(handler.server.wav(_SAY))[:9000]
    handler.send_response(200)
    handler.send_header("Content-Type", "audio/wav")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")
    handler.close_connection = True


def silent(handler: Handler) -> None:
    """The right length, without a sound."""
    data = handler.server.wav(_SAY)
    handler.give(data[:44] + bytes(len(data) - 44))


def a_moment(handler: Handler) -> None:
    """A whole file of far too short a sound."""
    handler.give(handler.server.wav({"input": "Oh.", "speed": 2.0}))


def hung_up(handler: Handler) -> None:
    """The connection is closed without a word."""
    handler.close_connection = True


def failing(status: int, body: bytes = b"", **headers: str) -> Callable[[Handler], None]:
    """Answers with that status."""
    return lambda handler: handler.give(body, status, Content_Type="application/json", **headers)


def stuck(handler: Handler) -> None:
    """The sentence, when the test is over."""
    handler.server.released.wait(60)
    handler.give(handler.server.wav(_SAY))


_SAY = {"input": SENTENCE, "speed": 1.0}


def streamed(wav: bytes) -> bytes:
    """The file with its sizes left open, as servers send it that speak while they send."""
    return wav[:4] + b"\xff" * 4 + wav[8:40] + b"\xff" * 4 + wav[44:]


BAD = [
    (empty, "sent an empty answer"),
    (page, "sent text/html where a WAV file was asked for"),
    (regretful, "sent application/json where a WAV file was asked for"),
    (disguised, "sent data that is not a WAV file"),
    (no_samples, "sent a WAV file without samples"),
    (cut_by_header, "sent a WAV file that ends early"),
    (cut_by_connection, "broke off in the middle"),
    (cut_in_a_chunk, "broke off in the middle"),
    (silent, "it returned only silence"),
    (a_moment, "s of sound where about"),
    (hung_up, "broke off in the middle"),
    (failing(500), "failed (HTTP 500)"),
    (failing(501), "failed (HTTP 501)"),
    (failing(503), "failed (HTTP 503)"),
    (failing(429), "gets too many requests (HTTP 429)"),
    (failing(429, b'{"error": {"code": "insufficient_quota"}}'), "says that the account's quota is used up"),
    (
        failing(400, b'{"error": {"message": "no such voice"}}'),
        "refuses the request (HTTP 400); it says: no such voice",
    ),
    (failing(422, b'{"detail": "input too long"}'), "refuses the request (HTTP 422); it says: input too long"),
    (failing(404, b'{"detail": "Not Found"}'), "refuses the request (HTTP 404)"),
    (failing(401), "refuses requests without a key (HTTP 401)"),
    (failing(307, Location="http://127.0.0.1:9/"), "redirects requests (HTTP 307)"),
]


@pytest.mark.parametrize(("answer", "message"), BAD)
def test_a_bad_answer_is_an_error_that_names_the_sentence(
    server: TalkingServer,
    cache: ClipCache,
    utterance: Callable[..., Utterance],
    answer: Callable[[Handler], None],
    message: str,
) -> None:
    """Whatever the server does wrong, each time that it is asked: exit code 4, the sentence, the reason, what to do."""
    server.answers.append(lambda handler: handler.give(server.wav({"input": LEVEL_PASSAGE, "speed": 1.0})))
    server.answers.extend([answer] * 20)
    with pytest.raises(VoiceError) as caught:
        spoken(server, cache, utterance)
    assert f"“{SENTENCE}”" in caught.value.message
    assert message in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("answer", [answer for answer, _ in BAD[:1] + BAD[3:12] + BAD[13:15]])
def test_what_passes_is_tried_again(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance], answer: Callable[[Handler], None]
) -> None:
    """A server that answers badly once gives the sentence all the same, by one request more."""
    server.answers.append(lambda handler: handler.give(server.wav({"input": LEVEL_PASSAGE, "speed": 1.0})))
    server.answers.append(answer)
    assert spoken(server, cache, utterance) == pytest.approx(7 * 60 / 140, rel=0.1)
    assert server.sentences == [LEVEL_PASSAGE, SENTENCE, SENTENCE]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 501])
def test_what_never_helps_is_not_tried_again(server: TalkingServer, status: int) -> None:
    """A wrong key or voice costs one request, not five."""
    server.answers.extend([failing(status)] * 20)
    with pytest.raises(GaveUpError):
        OpenaiNarrator(settled(server)).speak(request())
    assert len(server.asked) == 1


def test_the_retries_are_counted(server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]) -> None:
    """`retries: 2` are three requests, and nobody asks a second time after that."""
    server.answers.extend([failing(503)] * 20)
    with pytest.raises(VoiceError):
        spoken(server, cache, utterance, retries="2")
    assert len(server.asked) == 3


def test_retries_wait_longer_each_time(server: TalkingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """0.5 s, 1 s, 2 s and 4 s, with up to half a second more."""
    monkeypatch.undo()
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    server.answers.extend([failing(500)] * 20)
    with pytest.raises(GaveUpError):
        OpenaiNarrator(settled(server)).speak(request())
    # The server's own moments of thought are zeros among them.
    assert [wait for wait in waits if wait] == pytest.approx([0.75, 1.25, 2.25, 4.25], abs=0.25)


@pytest.mark.parametrize("as_date", [False, True])
def test_a_pause_that_the_server_asks_for_is_kept(server: TalkingServer, as_date: bool) -> None:  # noqa: FBT001
    """`Retry-After` in seconds, or as a date (which is whole seconds, so that a part of one may be lost)."""
    written = email.utils.formatdate(time.time() + 2, usegmt=True) if as_date else "1"
    server.answers.append(failing(429, Retry_After=written))
    OpenaiNarrator(settled(server)).speak(request())
    first, second = server.asked
    assert second.at_s - first.at_s > 0.5  # of 1 s; a busy machine notes the first request late


def test_all_sentences_keep_the_pause(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]
) -> None:
    """One that is asked to wait makes the others wait, too."""
    server.think_s = 0.05
    server.answers.append(failing(503, Retry_After="1"))
    utterances = [utterance(f"Rest a while, number {number}.", voice="openai:alto") for number in range(6)]
    narrate(utterances, voice="", cache=cache, settings={"openai": settled(server, at_once="2")})
    times = sorted(asked.at_s for asked in server.asked)
    assert max(later - earlier for earlier, later in pairwise(times)) > 0.8
    # One was under way, and on a busy machine the other thread may begin another before the first has read its answer.
    assert sum(times[0] < at_s < times[0] + 0.95 for at_s in times) <= 2


def test_a_long_pause_is_left_to_the_user(server: TalkingServer) -> None:
    """Nobody waits for an hour without a message."""
    server.answers.append(failing(429, Retry_After="3600"))
    with pytest.raises(GaveUpError, match="asks to wait 3600 s"):
        OpenaiNarrator(settled(server)).speak(request())
    assert len(server.asked) == 1


@pytest.mark.parametrize("written", ["soon", "", "-5", "Wed, 99 Nov", "9" * 400])
def test_a_pause_that_makes_no_sense_is_none(server: TalkingServer, written: str) -> None:
    """The header can hold anything; the run goes on, or ends with an error, never with a traceback."""
    server.answers.append(failing(429, Retry_After=written))
    try:
        OpenaiNarrator(settled(server)).speak(request())
    except GaveUpError as exc:
        assert len(written) == 400, exc  # noqa: PT017 - only the endless one gives up


def test_a_server_that_is_silent_is_given_up(server: TalkingServer) -> None:
    """After `timeout` seconds, as often as `retries` says."""
    server.answers.extend([stuck] * 5)
    begin = time.monotonic()
    with pytest.raises(GaveUpError, match=r"gave no answer within 0\.2 s"):
        OpenaiNarrator(settled(server, timeout="0.2", retries="1")).speak(request())
    assert 0.4 <= time.monotonic() - begin < 30
    assert len(server.asked) == 2


def test_a_server_that_is_not_there_is_reported(server: TalkingServer) -> None:
    """With its address, and what to do."""
    settings = settled(server, retries="0") | {"base": "http://127.0.0.1:9"}
    with pytest.raises(GaveUpError, match=r"127\.0\.0\.1:9 can't be reached"):
        OpenaiNarrator(settings).speak(request())


def test_an_answer_without_end_ends(server: TalkingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server fills the memory."""
    monkeypatch.setattr(speechserver, "_LARGEST_BYTES", 10_000)
    with pytest.raises(GaveUpError, match="never stops sending"):
        OpenaiNarrator(settled(server)).speak(request())


def drip(data: bytes, every_s: float) -> Callable[[Handler], None]:
    """Bytes one by one, each before a client loses its patience."""

    def answer(handler: Handler) -> None:
        with suppress(OSError):
            for place in range(len(data)):
                handler.wfile.write(data[place : place + 1])
                handler.wfile.flush()
                time.sleep(every_s)
        handler.close_connection = True

    return answer


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 2000, id="head", marks=pytest.mark.slow),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\nRIFF" + b"x" * 2000, id="body", marks=pytest.mark.slow
        ),
        pytest.param(
            b"HTTP/1.1 400 No\r\nContent-Length: 3000\r\n\r\n" + b"x" * 2000, id="complaint", marks=pytest.mark.slow
        ),
    ],
)
@pytest.mark.timeout(60)
def test_a_server_that_drips_is_given_up(server: TalkingServer, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request has an end as a whole, in whatever part of the answer the server is; it is not tried again."""
    monkeypatch.setattr(speechserver, "_CONNECT_S", 1.0)
    server.answers.append(drip(data, 0.05))
    begin = time.monotonic()
    with pytest.raises(GaveUpError, match=r"was still answering after 3 s"):
        OpenaiNarrator(settled(server, timeout="1", retries="3")).speak(request())
    assert len(server.asked) == 1
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(
    "echo",
    [
        f"bad key {KEY} for you",
        f"bad key {KEY[:12]} {KEY[12:]} for you",
        f"bad key {KEY[:9]}\\n\\t{KEY[9:]} for you",
        f"it begins with {KEY[:15]} and ends with {KEY[10:]} for you",
        "word " * 38 + KEY,
    ],
)
@pytest.mark.parametrize("place", ["message", "type"])
def test_a_key_is_not_disclosed_in_pieces(
    server: TalkingServer, monkeypatch: pytest.MonkeyPatch, echo: str, place: str
) -> None:
    """However a server echoes it: whole, parted, in part, or where a message is cut; nor as the type of an answer."""
    monkeypatch.setenv("BREATHMARK_OPENAI_KEY", KEY)
    answers = {
        "message": failing(400, f'{{"error": {{"message": "{echo}"}}}}'.encode()),
        "type": lambda handler: handler.give(b"x", Content_Type=f"text/{KEY.lower()}"),
    }
    server.answers.append(answers[place])
    with pytest.raises(GaveUpError) as caught:
        OpenaiNarrator(settled(server, retries="0")).speak(request())
    message = re.sub(r"\W", "", f"{caught.value} {caught.value.discreet}").lower()
    bare = re.sub(r"\W", "", KEY).lower()
    assert [bare[at : at + 8] for at in range(len(bare) - 7) if bare[at : at + 8] in message] == []


@pytest.mark.parametrize("key", ["x", "local", "lo-1"])
def test_a_short_key_damages_no_words(server: TalkingServer, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """Such as those that some local servers want, whatever they are: they are left out where they are quoted whole."""
    monkeypatch.setenv("BREATHMARK_OPENAI_KEY", key)
    words = "The locale of the text is not one that lo-10, axe or localhost_1 can expect"
    server.answers.append(failing(400, f'{{"error": {{"message": "{words}: {key}."}}}}'.encode()))
    with pytest.raises(GaveUpError) as caught:
        OpenaiNarrator(settled(server, retries="0")).speak(request())
    assert caught.value.message.endswith(f"{words}: ….")
    assert "127.0.0.1" in caught.value.discreet


def test_a_key_is_not_told_while_requests_are_repeated(
    server: TalkingServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, nor in the chain of causes."""
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("BREATHMARK_OPENAI_KEY", KEY)
    server.answers += [
        failing(503, f'{{"error": {{"message": "busy with {KEY}"}}}}'.encode()),
        lambda handler: handler.give(b"x", Content_Type=f"text/{KEY.lower()}"),
    ]
    with pytest.raises(GaveUpError) as caught:
        OpenaiNarrator(settled(server, retries="1")).speak(request())
    told = f"{caplog.text} {caught.value!r} {caught.value.__cause__!r} {caught.value.__cause__}"
    assert "attempt 2 follows" in told
    assert KEY.lower() not in told.lower()


def test_the_rate_is_kept(server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]) -> None:
    """`per_minute: 300` puts 0.2 s between requests, however many are allowed at once."""
    utterances = [utterance(f"Rest a while, number {number}.", voice="openai:alto") for number in range(5)]
    settings = {"openai": settled(server, per_minute="300", at_once="4")}
    narrate(utterances, voice="", cache=cache, settings=settings)
    times = [asked.at_s for asked in server.asked]
    assert len(times) == 6
    assert times[-1] - times[0] > 0.5  # of 1 s; a busy machine notes the first request late


@pytest.mark.parametrize("at_once", [1, 3])
def test_as_many_are_under_way_as_allowed(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance], at_once: int
) -> None:
    """Never more than `at_once`, and as many where there is enough to say; each sentence is said once."""
    server.think_s = 0.1
    utterances = [utterance(f"Rest a while, number {number}.", voice="openai:alto") for number in range(8)]
    steps: list[tuple[int, int]] = []
    settings = {"openai": settled(server, at_once=str(at_once))}
    clips = narrate(
        utterances, voice="", cache=cache, settings=settings, progress=lambda done, total: steps.append((done, total))
    )
    assert max(asked.at_once for asked in server.asked) == at_once
    assert sorted(server.sentences) == sorted([LEVEL_PASSAGE, *(each.text for each in utterances)])
    assert steps == [(done, 9) for done in range(10)]
    assert len({clip.path for clip in clips.values()}) == 8


def test_another_take_is_asked_for_once(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]
) -> None:
    """The server says the sentence anew, and its answer is kept beside the first."""
    first = utterance(PASSAGE[0], voice="openai:alto")
    for _ in range(2):
        clips = narrate([first, replace(first, take=2)], voice="", cache=cache, settings={"openai": server.settings})
        assert len({clip.path for clip in clips.values()}) == 2
        assert server.sentences.count(PASSAGE[0]) == 2
    assert server.sentences.count(LEVEL_PASSAGE) == 1


def test_a_second_render_asks_for_nothing(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]
) -> None:
    """Also where a part is new, only that is sent; the pace is measured only if something is spoken."""
    settings = {"openai": server.settings}
    first, second = (utterance(text, voice="openai:alto") for text in PASSAGE[:2])
    narrate([first], voice="", cache=cache, settings=settings)
    asked = len(server.asked)
    narrate([first], voice="", cache=cache, settings=settings)
    assert len(server.asked) == asked == 4
    narrate([first, second], voice="", cache=cache, settings=settings)
    assert server.sentences[asked:].count(PASSAGE[1]) == 1
    assert PASSAGE[0] not in server.sentences[asked:]


def test_a_failure_keeps_what_was_spoken(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]
) -> None:
    """The next run goes on after it."""
    utterances = [utterance(text, voice="openai:alto") for text in PASSAGE[:3]]
    settings = {"openai": settled(server, at_once="1", retries="0")}
    server.answers.extend([_well, _well, failing(400)])
    with pytest.raises(VoiceError):
        narrate(utterances, voice="", cache=cache, settings=settings)
    before = len(server.asked)
    narrate(utterances, voice="", cache=cache, settings=settings)
    assert server.sentences[before:] == list(PASSAGE[1:3])


def _well(handler: Handler) -> None:
    handler.give(handler.server.wav(handler.server.asked[-1].body))


def test_an_interruption_does_not_wait_for_the_server(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C gives sentences under way a moment, not the server's whole patience, and begins no other."""
    monkeypatch.setattr(room, "_FINISH_S", 0.1)
    server.answers.extend([_well, *[stuck] * 10])
    utterances = [utterance(text, voice="openai:alto") for text in PASSAGE]

    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    settings = {"openai": settled(server, at_once="2")}
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        narrate(utterances, voice="", cache=cache, settings=settings, progress=interrupt)
    assert time.monotonic() - begin < 30
    server.released.set()
    while server.busy:
        time.sleep(0.05)
    time.sleep(0.2)
    assert len(server.asked) <= 4


def test_the_request_is_what_such_servers_take(server: TalkingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path, the key, and a body of the usual fields; `instructions` only where they were set."""
    monkeypatch.setenv("BREATHMARK_OPENAI_KEY", f" {KEY}\n")
    OpenaiNarrator(settled(server)).speak(request("Grüße, “naïve” 🙂.", voice="openai:Basso", speed=0.75))
    OpenaiNarrator(settled(server, instructions="Softly.")).speak(request())
    plain, instructed = server.asked
    assert plain.path == "/v1/audio/speech"
    assert plain.headers["authorization"] == f"Bearer {KEY}"
    assert plain.body == {
        "model": "kind-1", "input": "Grüße, “naïve” 🙂.", "voice": "Basso", "response_format": "wav", "speed": 0.5,
    }  # fmt: skip
    assert instructed.body["instructions"] == "Softly."


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/"])
def test_the_base_may_end_as_people_copy_it(server: TalkingServer, tail: str) -> None:
    """With or without `/v1`."""
    OpenaiNarrator(settled(server) | {"base": server.base + tail}).speak(request())
    assert server.asked[0].path == "/v1/audio/speech"


def test_a_sentence_beyond_the_limit_is_sent_in_pieces(server: TalkingServer) -> None:
    """None longer than the limit, together the whole sentence, as long as it is in one."""
    text = ", ".join(sentence.rstrip(".") for sentence in PASSAGE) + "."
    whole = trim(OpenaiNarrator(settled(server)).speak(request(text))).duration_s
    server.asked.clear()
    parts = trim(OpenaiNarrator(settled(server, limit="120")).speak(request(text))).duration_s
    assert len(server.sentences) > 4
    assert all(len(sentence) <= 120 for sentence in server.sentences)
    assert " ".join(server.sentences) == text
    assert parts == pytest.approx(whole + 0.2 * (len(server.sentences) - 1), abs=0.6)


def test_a_piece_that_is_silent_is_an_error(server: TalkingServer) -> None:
    """Half a sentence is never passed off as a whole one."""
    server.answers.extend([_well, silent])
    with pytest.raises(VoiceError, match="a part of it came back silent"):
        OpenaiNarrator(settled(server, limit="40")).speak(
            request("One kind word for you, and another one for your friend.")
        )


def test_a_file_of_open_length_is_read_whole(server: TalkingServer) -> None:
    """Servers that speak while they send don't know the length; it is read to its end."""
    usual = OpenaiNarrator(settled(server)).speak(request()).audio
    server.answers.append(lambda handler: handler.give(streamed(server.wav(server.asked[-1].body))))
    assert OpenaiNarrator(settled(server)).speak(request()).audio == usual


def test_the_pace_is_measured_once_for_each_voice(server: TalkingServer) -> None:
    """Two trials, then the sentences; the server's 210 words a minute become 140."""
    narrator = OpenaiNarrator(server.settings)
    first = trim(narrator.speak(request(PASSAGE[1]))).duration_s
    narrator.speak(request(PASSAGE[2]))
    assert server.sentences == [PASSAGE[7], PASSAGE[7], PASSAGE[1], PASSAGE[2]]
    assert first == pytest.approx(count_words(PASSAGE[1]) * 60 / 140, rel=0.05)
    assert server.asked[-1].body["speed"] == pytest.approx(1 / 1.5, rel=0.03)


def test_a_server_that_does_not_heed_speed_is_reported(server: TalkingServer, caplog: pytest.LogCaptureFixture) -> None:
    """A warning; the voice keeps its own pace."""
    server.answers.extend([lambda handler: handler.give(server.wav({"input": PASSAGE[7], "speed": 1.0}))] * 2)
    with caplog.at_level(logging.WARNING):
        OpenaiNarrator(server.settings).speak(request())
    assert "ignores `speed`" in caplog.text


# The key.


def test_the_key_is_nowhere(
    server: TalkingServer,
    cache: ClipCache,
    utterance: Callable[..., Utterance],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not in logs at their most talkative, errors and what they came from, fingerprints, reprs, nor any cached file."""
    monkeypatch.setenv("BREATHMARK_OPENAI_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    narrator = OpenaiNarrator(settled(server))
    print_of = narrator.fingerprint("openai:alto")
    echo = f'{{"error": {{"message": "bad key {KEY} for you"}}}}'.encode()
    server.answers.extend([_well, failing(400, echo)])
    with pytest.raises(VoiceError) as caught:
        spoken(server, cache, utterance)
    chain: list[BaseException | None] = [caught.value]
    while chain[-1] is not None:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)
    messages = " ".join(f"{each!s} {each!r}" for each in chain)
    assert server.asked[-1].headers["authorization"].endswith(KEY)
    assert "bad key … for you" in caught.value.message
    assert KEY not in messages + caplog.text + print_of + repr(vars(narrator))
    monkeypatch.delenv("BREATHMARK_OPENAI_KEY")
    assert OpenaiNarrator(settled(server)).fingerprint("openai:alto") == print_of
    assert not any(KEY.encode() in file.read_bytes() for file in cache.root.rglob("*") if file.is_file())


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_not_repeated(server: TalkingServer, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """Servers quote a part of it; we quote nothing."""
    monkeypatch.setenv("BREATHMARK_OPENAI_KEY", KEY)
    server.answers.append(failing(status, b'{"error": {"message": "wrong key: sk-very***789"}}'))
    with pytest.raises(GaveUpError) as caught:
        OpenaiNarrator(settled(server)).speak(request())
    assert "refuses the key" in caught.value.message
    assert "sk-very" not in str(caught.value)
    assert "***" not in str(caught.value)
    assert "BREATHMARK_OPENAI_KEY" in caught.value.hint


@pytest.mark.parametrize("bad", ["two words", "sk-\nbroken", "schlüssel"])
def test_what_is_not_a_key_is_reported_without_it(
    server: TalkingServer, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    """The HTTP library would quote it in its error."""
    monkeypatch.setenv("BREATHMARK_OPENAI_KEY", bad)
    with pytest.raises(VoiceError, match="is not a key") as caught:
        OpenaiNarrator(settled(server)).speak(request())
    assert bad not in str(caught.value)
    assert server.asked == []


def test_the_usual_key_goes_to_its_own_server_alone(server: TalkingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project can name any server; it does not get the key that other programs left in the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    OpenaiNarrator(settled(server)).speak(request())
    assert "authorization" not in server.asked[0].headers


def test_openai_is_not_asked_without_a_key() -> None:
    """The error says which variable to set, before anything is sent."""
    settings = {"base": "https://api.openai.com", "model": "tts-1", "voices": "alloy", "pace": "180"}
    with pytest.raises(VoiceError, match="no key") as caught:
        OpenaiNarrator(settings).speak(request(voice="openai:alloy"))
    assert "OPENAI_API_KEY" in caught.value.hint


def test_a_key_does_not_travel_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain HTTP is for this machine, or for servers without a key."""
    monkeypatch.setenv("BREATHMARK_OPENAI_KEY", KEY)
    settings = {"base": "http://speech.example.org", "model": "m", "voices": "a", "pace": "180"}
    with pytest.raises(VoiceError, match="unencrypted"):
        OpenaiNarrator(settings).speak(request(voice="openai:a"))


def test_a_proxy_does_not_hear_what_stays_here(server: TalkingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxy is for other machines."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    OpenaiNarrator(settled(server)).speak(request())
    assert len(server.asked) == 1


# Private sentences.


def test_private_sentences_stay_on_this_machine(cache: ClipCache, utterance: Callable[..., Utterance]) -> None:
    """Before anything is sent, also of the others; the error says where they would go, what to do, and no sentence."""
    sentences = [utterance("Hello.", voice="openai:a"), utterance("Hello, Rosalind.", voice="openai:a", private=True)]
    settings = {"openai": {"base": "http://192.0.2.1:9", "model": "m", "voices": "a", "pace": "180"}}
    begin = time.monotonic()
    with pytest.raises(VoiceError) as caught:
        narrate(sentences, voice="", cache=cache, settings=settings)
    assert time.monotonic() - begin < 30
    assert "to 192.0.2.1:9" in caught.value.message
    assert "`private: yes`" in caught.value.hint
    assert "Rosalind" not in str(caught.value)


@pytest.mark.parametrize(
    ("base", "here"),
    [
        ("http://localhost:8880", True),
        ("http://LOCALHOST", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.1.2.3", True),
        ("http://[::1]:8000", True),
        ("http://0.0.0.0:8000", False),
        ("http://192.168.1.7:8000", False),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("https://api.openai.com", False),
        ("http://[fe80::1]", False),
    ],
)
@pytest.mark.parametrize("consent", ["no", "yes"])
def test_only_loopback_is_this_machine(base: str, here: bool, consent: str) -> None:  # noqa: FBT001 - a parameter
    """Neither the local network nor a name that only looks like it; unless the settings say `private: yes`."""
    narrator = OpenaiNarrator({"base": base, "model": "m", "voices": "a", "private": consent})
    if here or consent == "yes":
        narrator.check_private("openai:a")
    else:
        with pytest.raises(VoiceError):
            narrator.check_private("openai:a")


def test_private_sentences_go_to_a_server_on_this_machine(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]
) -> None:
    """They are spoken, and kept apart like all private ones."""
    said = utterance("Hello, Rosalind.", voice="openai:alto", private=True)
    clip = narrate([said], voice="", cache=cache, settings={"openai": settled(server)})[said]
    assert cache.private_root in clip.path.parents


def test_a_private_sentence_is_not_named(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]
) -> None:
    """Not in the error, also where the server repeats it."""
    said = utterance("Hello, Rosalind.", voice="openai:alto", private=True)
    echo = failing(422, b'{"error": {"message": "can not say Hello, Rosalind."}}')
    server.answers.extend([_well, echo])
    with pytest.raises(VoiceError) as caught:
        narrate([said], voice="", cache=cache, settings={"openai": settled(server, at_once="1")})
    assert "a sentence with a private value" in caught.value.message
    assert "refuses the request (HTTP 422)" in caught.value.message
    assert "Rosalind" not in str(caught.value)


# Settings.


def test_without_a_server_it_says_what_to_set() -> None:
    """In the list of voices, and where it is asked for; all that is missing at once."""
    (listing,) = (one for one in list_voices() if one.narrator == "openai")
    assert listing.voices == ()
    assert listing.missing.startswith("the narrator openai has no server yet: base, model, voices not set (in breathm")
    with pytest.raises(VoiceError, match="model, voices not set"):
        OpenaiNarrator({"base": "http://localhost"})


def test_the_voices_are_those_of_the_settings(server: TalkingServer) -> None:
    """In their order, with their languages; names know no case, a script's language chooses."""
    settings = {"openai": server.settings}
    (listing,) = (one for one in list_voices(settings) if one.narrator == "openai")
    assert [(voice.name, voice.language) for voice in listing.voices] == [
        ("openai:alto", "en"),
        ("openai:Basso", "en-GB"),
    ]
    assert resolve_voice("openai", language="en-GB", settings=settings) == "openai:Basso"
    assert resolve_voice("OpenAI:basso", language="en", settings=settings) == "openai:Basso"
    with pytest.raises(VoiceError, match="no voice for `de`"):
        resolve_voice("openai", language="de", settings=settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base", "localhost:8880"),
        ("base", "ftp://localhost"),
        ("base", "https://me:hunter2@speech.example.org"),
        ("base", "https://speech.example.org/?key=hunter2"),
        ("base", "http://localhost:99999"),
        ("base", "http://[::1"),
        ("base", "http://localhost\\@example.org"),
        ("voices", ","),
        ("voices", "alloy, Alloy"),
        ("voices", "alloy english voice"),
        ("timeout", "0"),
        ("timeout", "nan"),
        ("retries", "-1"),
        ("retries", "many"),
        ("at_once", "0"),
        ("limit", "3"),
        ("private", "perhaps"),
        ("pace", "inf"),
        ("per_minute", "-1"),
    ],
)
def test_a_wrong_setting_is_named(server: TalkingServer, name: str, value: str) -> None:
    """And its value is not repeated, since it could be a password."""
    with pytest.raises(VoiceError, match=f"`{name}`") as caught:
        OpenaiNarrator(server.settings | {name: value})
    assert "hunter2" not in str(caught.value)
    assert caught.value.hint == "correct them under `narrators` in breathmark.yaml"


def test_all_wrong_settings_are_named_at_once(server: TalkingServer) -> None:
    """One run shows all; a setting that there is not is answered with those that there are."""
    with pytest.raises(VoiceError, match=r"`timeout`.*`retries`"):
        OpenaiNarrator(server.settings | {"timeout": "x", "retries": "y"})
    with pytest.raises(VoiceError, match="no setting `url`") as caught:
        OpenaiNarrator(server.settings | {"url": "x"})
    assert "base, model, voices, instructions, private" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [("base", "http://localhost:1"), ("model", "kind-2"), ("instructions", "Low."), ("limit", "99"), ("pace", "150")],
)
def test_what_changes_the_sound_changes_the_fingerprint(server: TalkingServer, name: str, value: str) -> None:
    """Each such setting; those of patience and speed of work do not."""
    usual = OpenaiNarrator(server.settings).fingerprint("openai:alto")
    assert OpenaiNarrator(server.settings | {name: value}).fingerprint("openai:alto") != usual
    patient = {"timeout": "9", "retries": "9", "at_once": "9", "per_minute": "9", "private": "yes"}
    assert OpenaiNarrator(server.settings | patient).fingerprint("openai:alto") == usual


def test_it_is_remote(server: TalkingServer) -> None:
    """So that threads, not processes, wait for it."""
    assert isinstance(OpenaiNarrator(server.settings), Remote)


def test_giving_up_survives_pickling() -> None:
    """With the discreet message."""
    error = pickle.loads(pickle.dumps(GaveUpError("said", "do", discreet="discreet")))  # noqa: S301 - our own
    assert (error.message, error.hint, error.discreet) == ("said", "do", "discreet")


def test_making_one_opens_no_connection(server: TalkingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing voices is free."""
    monkeypatch.setattr(httpx, "Client", None)
    OpenaiNarrator(server.settings).voices()
    assert server.asked == []
