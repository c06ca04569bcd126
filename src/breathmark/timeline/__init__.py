"""A laid-out session seen from outside: gaps, pacing, data, table, picture, captions, chapters. It knows no sound."""
