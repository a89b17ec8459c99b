"""From text to JSON values. Sees no schema, only Hints."""
