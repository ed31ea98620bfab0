"""Model backends: messages in, one completion out."""
