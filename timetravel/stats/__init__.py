"""Estimates with intervals, comparisons, laws and rejection: numbers in, numbers out."""
