"""A finished file, measured anew: nothing here uses what the renderer measures, writes or decodes with."""
