"""The voices: one contract, the built-in narrators, and the clip cache around them."""
