"""Breathmark turns a guided meditation script into finished audio of exactly the length asked for."""
