"""Fit a line by gradient descent at several learning rates, and say beforehand what each must do.

The map, general to special: a room imports only rooms above it, and none beside it.

    checks      arguments refused in words
    words       numbers as a reader wants them
    data        where points come from: made, public, a reader's file; scaled; four that stand for all
    runs        what is asked of a run and what was recorded of it: phases, rules, schedules, history
    theory      what a run must do, from the loss alone; never sees the trainer
    training    what TensorFlow does, and the processes in which it does it; never sees the theory
    telling     what there is to say of a run: facts, verdict, advice, one step
    pictures    what is drawn: the rows of each picture, and its drawing
    sharing     a visit as text and files: settings, kept runs, lessons; CSV, script, picture, report
    page        all that knows Streamlit, but `dashboard.py`
    __main__    the command line

`theory` and `training` stand side by side, as do `telling` and `pictures`.

The loss is the mean of the squared residuals, without a factor ½, as in the lesson and in Keras.
"""
