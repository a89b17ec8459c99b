"""One extraction as a fold over its history."""
