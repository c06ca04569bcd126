"""The clip cache: the file of a clip, the store, its housekeeping, the private folder."""
