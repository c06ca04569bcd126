"""Proofs on what a user gets: decoded files, exit codes, and what is left on the disk."""
