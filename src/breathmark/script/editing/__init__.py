"""Editing of a script's source: each edit changes its own characters and leaves comments, order and layout alone."""
