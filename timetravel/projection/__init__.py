"""From two measured ends to a year ahead: figures with their sources, trends, limits, and what they say of the essay."""
