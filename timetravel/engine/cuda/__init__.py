"""The net of 1989 trained on a CUDA card: one net a thread block, many at once."""
