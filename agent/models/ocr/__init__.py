"""The embedded model: reads the screen with PP-OCR and follows explicit instructions; no GPU, key or weights to fetch."""

from handeye.agent.models.ocr.locate import Found, locate
from handeye.agent.models.ocr.model import OcrModel

__all__ = ["Found", "OcrModel", "locate"]
