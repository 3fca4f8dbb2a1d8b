"""What a teacher, a contributor and CI run. No lesson imports it."""
