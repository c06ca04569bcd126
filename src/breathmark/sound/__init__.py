"""The sound: decoding, ambience and bells, mixing, ducking, loudness, limiting."""
