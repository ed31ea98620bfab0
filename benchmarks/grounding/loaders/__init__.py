"""One file a benchmark: the data as it is really distributed, with the box convention stated and checked."""
