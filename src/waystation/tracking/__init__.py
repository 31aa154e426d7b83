"""Tracking: from field files to the published displacement matrix, round after round."""
