"""What a run must do, from the loss alone; it never sees the trainer."""

from linreg.theory.quadratic import OF_DISTANCE, OF_VARIANCE, TOLERANCE, Goal, Quadratic, Zone

__all__ = ["OF_DISTANCE", "OF_VARIANCE", "TOLERANCE", "Goal", "Quadratic", "Zone"]
