"""The checker: what keeps scripts kind and safe, one small module for each family of rules.

It reads renderings of a script (``reading``), asks every rule of the registry about each, and reports each fault once.
It knows no file, voice or clock: the lengths of sentences are handed to it.
"""
