"""The teacher's own recordings."""
