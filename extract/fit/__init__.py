"""From a JSON value to the value that the user's type accepts, each change on record."""
