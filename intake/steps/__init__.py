"""The shell of intake: steps over rows; its neighbours are the core."""
