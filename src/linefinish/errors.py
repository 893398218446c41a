"""The error family. Each type's docstring is its default message; data goes along as attributes."""
from __future__ import annotations


class LinefinishError(Exception):
    """linefinish could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ImageError(LinefinishError, ValueError):
    """The image cannot be used."""


class ImageReadError(ImageError):
    """The file is not an image that linefinish can read."""


class ImageShapeError(ImageError):
    """An image is a two-dimensional array of grey, or a three-dimensional one of colour."""


class ImageTooLargeError(ImageError):
    """The image has more pixels than allowed."""

    def __init__(self, message: str | None = None, *, megapixels: float = 0.0, megapixels_max: float = 0.0) -> None:
        super().__init__(message)
        self.megapixels = megapixels
        self.megapixels_max = megapixels_max


class OptionsError(LinefinishError, ValueError):
    """An option has a value that it cannot have."""


class WriteError(LinefinishError):
    """The result could not be written."""


class UnknownFormatError(WriteError):
    """The suffix names no format that linefinish writes."""


class InternalError(LinefinishError):
    """A kernel reported the impossible; this is a fault of linefinish itself, please report it."""
