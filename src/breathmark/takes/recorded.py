"""The narrator ``recorded``: the teacher's own voice, sentence by sentence, from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from breathmark.base.errors import VoiceError
from breathmark.base.files import file_sha256
from breathmark.base.inputs import note_read
from breathmark.base.wording import counted
from breathmark.model import Clip
from breathmark.speech.contract import RECORD_HINT, SpeechRequest, Voice, check_settings, sentence_id
from breathmark.speech.pace import count_words
from breathmark.takes.folder import FOLDER_HINT, TakeFolder, read_folder
from breathmark.takes.quality import CLEANING, clean, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from breathmark.takes.folder import Take


VOICE: Final = "recorded:takes"


class RecordedNarrator:
    """Speaks a sentence by its take. A person has one pace: ``speed`` changes nothing."""

    real_time_factor: ClassVar[float] = 0.03

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_settings("recorded", settings, ("folder",))
        self._folder = settings.get("folder", "")
        self._read: TakeFolder | None = None

    @classmethod
    def missing(cls) -> str:
        """Always empty: the narrator is always available, only takes may be missing."""
        return ""

    def voices(self) -> tuple[Voice, ...]:
        """One voice, of any language."""
        count = len(read_folder(Path(self._folder)).chosen) if self._folder else 0
        description = (
            f"your own recordings: {counted(count, 'sentence')} in {self._folder}" if self._folder else FOLDER_HINT
        )
        return (Voice(name=VOICE, language="", description=description, display="Recorded voice"),)

    def fingerprint(self, voice: str) -> str:
        """Only how takes are made ready: each sentence has a fingerprint of its own."""
        return f"{voice} {CLEANING}"

    def lacking(self, requests: Iterable[SpeechRequest]) -> tuple[SpeechRequest, ...]:
        """The requests that have no take."""
        return tuple(request for request in requests if sentence_id(request.text) not in self._takes.chosen)

    def fingerprint_of(self, request: SpeechRequest) -> str:
        """The content of the take that speaks it.

        Raises:
            VoiceError: no take exists, or it can't be read.
        """
        path = self._take(request).path
        try:
            return f"{self.fingerprint(request.voice)} {file_sha256(path)}"
        except OSError as exc:
            raise VoiceError(f"the take {path} can't be read: {exc.strerror or exc}", "check the file") from exc

    def remarks(self, request: SpeechRequest) -> tuple[str, ...]:
        """The faults of the take that speaks it, with figures.

        Raises:
            VoiceError: it can't be played.
        """
        path = self._take(request).path
        return tuple(f"{path.name} {fault}" for fault in judge(path).faults)

    def speak(self, request: SpeechRequest) -> Clip:
        """The take of ``request.text``, made ready.

        Raises:
            VoiceError: no take exists, it can't be played, or nobody speaks in it.
        """
        if request.voice != VOICE:
            raise VoiceError(f"there is no voice `{request.voice}`", f"it is {VOICE}")
        if not count_words(request.text):
            raise VoiceError("there is nothing to say in an empty sentence", "give it a word")
        return Clip(audio=clean(self._take(request).path))

    def _take(self, request: SpeechRequest) -> Take:
        found = self._takes.chosen.get(sentence_id(request.text))
        if found is None:
            raise VoiceError("no take of it was recorded", RECORD_HINT)
        note_read(found.path)
        return found

    @property
    def _takes(self) -> TakeFolder:
        """The folder, read once: a take that comes while a session is made counts for the next."""
        if not self._folder:
            raise VoiceError("the narrator recorded does not know where the takes are", FOLDER_HINT)
        if self._read is None:
            self._read = read_folder(Path(self._folder))
        return self._read
