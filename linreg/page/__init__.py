"""The parts of the page that know Streamlit: its address, its data, its sidebar, its runs."""

TITLES = {"too_small": "Too small", "good": "Good", "too_large": "Too large"}
DATA = ("data", "weight", "bias", "num_points", "noise", "seed", "scale", "scaled")
START = ("initial_weight", "initial_bias")
