"""Two ends of a line, and where it leads."""
