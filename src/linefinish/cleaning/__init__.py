"""Bitmap to bitmap: the step that takes specks out, and on demand changes strokes."""
