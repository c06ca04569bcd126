"""The delivery: encoders and presets, tags, chapters, captions, and the picture of a plan."""
