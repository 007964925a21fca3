"""Forms: what may be typed, and the sentence beside the field when it may not."""
