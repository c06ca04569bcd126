"""The studio: a local page in the browser on which a session is written, heard, recorded and finished."""
