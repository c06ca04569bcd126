"""Stems for other hands: the parts of a mix as files, and projects in which they are opened."""
