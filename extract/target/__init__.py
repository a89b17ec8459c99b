"""What the user wants: a type or schema, lowered into one dialect's subset, and values both ways."""
