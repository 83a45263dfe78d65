"""From two measured ends to a year ahead: sourced figures, trends, limits, and what they say of the essay."""
