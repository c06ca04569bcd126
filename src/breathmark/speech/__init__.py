"""The voices: one contract, the built-in narrators, and the clip cache around them."""

from __future__ import annotations

import os
import sys


def _keep_runtimes_silent() -> None:
    """Have onnxruntime send nothing: it would look up a host, and write a device's identity into the user's cache.

    Whatever loads a narrator, a plug-in's too, imports this package first; processes that it starts inherit it.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    silence = getattr(sys.modules.get("onnxruntime"), "disable_telemetry_events", None)
    if silence is not None:  # it was imported before
        silence()


_keep_runtimes_silent()
