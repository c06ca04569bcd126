"""The built-in ambiences and bells, made from random numbers and formulas alone.

``scripts/make-sounds`` writes them to ``audio_assets/``; nothing here needs more than numpy, and every bed can be
entered at any moment, so that a bed of any length can be made wherever it is needed.
"""
