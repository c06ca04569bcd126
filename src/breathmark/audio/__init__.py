"""Sound as numbers: PCM, every call of ffmpeg, loudness, the limiter, dither."""
