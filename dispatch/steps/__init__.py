"""The shell of dispatch: steps over rows; its neighbours are the core."""
