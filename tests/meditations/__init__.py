"""Whether the shipped meditations keep to what a listener was promised: words, pace, silence."""
