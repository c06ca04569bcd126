"""The finished file: presets, encoders, tags, chapters, captions, and what is written beside it."""
