"""Courses: many sessions, at many lengths, in many voices, built as one and rebuilt only where something changed."""
