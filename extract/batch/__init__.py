"""Many inputs: sources, sinks, journal, limits, progress."""
