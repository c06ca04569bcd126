"""What is made of a course's artefacts for those who publish or hear it."""
