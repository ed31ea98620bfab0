"""Pictures and videos from anywhere, at exactly the size that a model is to see."""
