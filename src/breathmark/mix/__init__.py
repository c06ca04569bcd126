"""The mix: assets, beds, bells, the voice, and the level of each at every moment."""
