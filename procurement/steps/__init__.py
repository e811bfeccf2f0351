"""The shell of procurement: steps over rows; its neighbours are the core."""
