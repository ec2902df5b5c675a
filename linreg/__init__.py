"""Fit a line by gradient descent at several learning rates, and say beforehand what each must do.

The map, general to special; imports run upwards only:

    checks      arguments refused in words a reader understands
    words       numbers as a reader wants them
    data        Dataset; make_line
    settings    what a reader can set: defaults, limits, and how they stand in a URL
    summary     four points that have the same loss as all of them, for every line
    history     History: what was recorded at which step, and how the lesson prints it
    theory      Quadratic: the minimum, the critical rate, the closed-form path, the steps needed
    rates       the round learning rates to pick from, and three suggestions
    lesson      the lesson's loop as taught: eager TensorFlow
    training    the trainer: all rates at once, compiled
    worker      where training runs: a process of its own, or a Dask cluster
    verdict     a run in words: what it did, why, what to try
    markup      those words as HTML
    fitbox      the box that each panel of the fit shows
    frames      the tables that fill the pictures
    charts      the pictures: Altair specifications
    export      the CSV files, and the source the page shows
    page        the page's address, sidebar and runs: all but `dashboard.py` that knows Streamlit
    __main__    the command line

The loss is the mean of the squared residuals, without a factor ½, as in the lesson and in Keras.
"""
