"""What is asked of a run and what was recorded of it: phases, rules, schedules, batches, history."""

from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import Constant, CosineDecay, ExponentialDecay, LinearWarmup, StepDecay

__all__ = [
    "Adam",
    "Constant",
    "CosineDecay",
    "ExponentialDecay",
    "History",
    "LinearWarmup",
    "Momentum",
    "Nesterov",
    "Phase",
    "Plain",
    "RMSprop",
    "StepDecay",
]
