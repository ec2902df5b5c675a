"""The parts of the page that know Streamlit: its address, its sidebar, its runs."""

TITLES = {"too_small": "Too small", "good": "Good", "too_large": "Too large"}
DATA = ("weight", "bias", "num_points", "noise", "seed")
START = ("initial_weight", "initial_bias")
