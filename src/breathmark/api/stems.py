"""Stems of a session that is rendered: beside a finished file, or alone."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.base.errors import RequestError
from breathmark.results import Artefact, Levels

if TYPE_CHECKING:
    from breathmark.api.options import Options
    from breathmark.formats.stems.write import StemsRequest

log = logging.getLogger(__name__)


def suffix_of(output: Path | str | None, options: Options) -> str:
    """That of the finished file, empty where its name is left open; of stems alone, theirs. Raises RequestError."""
    if output:
        return Path(output).suffix
    if not options.stems:
        return ""
    if options.format.lower() not in {"", "wav"}:
        raise RequestError(
            f"stems are WAV files, and the format asked for is {options.format}",
            "leave out the format, or name a finished file, too, with -o",
        )
    return ".wav"


def with_stems(finished: Artefact | None, report: Levels, request: StemsRequest) -> Artefact:
    """What was made, with the stems of its mix, or these alone; ``report`` is what the mix measures.

    Raises: RequestError, AssetError, DeliveryError.
    """
    from breathmark.formats.stems.write import write_stems  # noqa: PLC0415 - no render without stems needs it

    log.info("writing the stems into %s", request.folder)
    written = write_stems(replace(request, finished=finished.path if finished else None))
    if finished:
        return replace(finished, stems=written.files)
    levels = replace(report, true_peak_dbtp=written.true_peak_dbtp, rms_db=written.rms_db)
    return Artefact(path=written.files[0], timeline=request.timeline, levels=levels, stems=written.files)
