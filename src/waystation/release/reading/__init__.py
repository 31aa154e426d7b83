"""Questions that readers put to published figures, answered with frames: no words."""
