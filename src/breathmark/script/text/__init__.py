"""What is spoken: markers, sentences, cues, and guided breaths."""
