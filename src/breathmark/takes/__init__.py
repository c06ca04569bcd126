"""A teacher's own recordings: takes, their quality, splitting one long recording, and the narrator `recorded`."""
