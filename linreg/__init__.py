"""Fit a line by gradient descent at several learning rates, and say beforehand what each must do.

The map, general to special; imports run upwards only:

    checks      arguments refused in words a reader understands
    words       numbers as a reader wants them
    typed       numbers as a person types them: with a comma, as a fraction, as a power
    data        Dataset; make_line
    summary     four points that have the same loss as all of them, for every line
    samples     public data sets, each with what it teaches
    scaling     centred and standardised columns, and the way back
    cells       a column of text as numbers
    dates       dates and times as numbers
    decimals    which decimal mark a column shows
    quotes      rows and quotation marks
    rawtext     a stranger's bytes as text
    rows        the first rows of it, split into cells
    prints      vectors as MATLAB and R print them, and prints that cannot be read
    lists       lists as programs write them, as columns
    forms       columns of blanks, lists, data in rows: as rows with delimiters
    titles      titles and comments above a table; names or numbers
    heading     which row holds the names
    layout      how a stranger's file is laid out
    totals      whether the last row is the total of the others
    csvfile     a stranger's CSV in, two columns of numbers or a clear error out
    archives    what a workbook's archive holds, and how large that really is
    sheetrows   a workbook's sheet as rows of text, in a process of its own
    workbook    a stranger's workbook: which sheet is read
    progress    how much of a file is read, in the terminal
    datafile    a file of any size for the terminal, CSV or Parquet
    schedules   how a rate changes from step to step
    phases      Phase: what is set for a stretch of training; the update rules by name
    settings    what a reader can set: defaults, limits, and how they stand in a URL
    batches     mini-batches, each as its own four points
    history     History: what was recorded at which step, and how the lesson prints it
    shapes      the few array shapes that the trainer is compiled for
    budget      what one reader may ask of a server that others share
    theory      Quadratic: the minimum, the critical rate, the closed-form path, the steps needed
    dynamics    the same with momentum and on schedules: limits, paths, steps
    noise       the noise floor that mini-batches are expected to leave
    forecast    where runs must be, phase by phase
    rates       the round learning rates to pick from, and three suggestions
    kept        runs that a reader keeps, as text
    sweep       many rates at once: what each leaves, what it needs, which is best
    rangetest   the learning-rate range test, and what known rules make of it
    lesson      the lesson's loop as taught: eager TensorFlow
    rules       how a gradient becomes an update
    training    the trainer: all rates at once, compiled
    lane        a process of its own that does one job after the other
    cluster     training on a Dask cluster
    worker      where training runs: one of these
    facts       what is known of a run
    advice      the next thing to try
    verdict     a run in words: what it did, and why
    needed      the steps it needs, in words
    terminal    what the command line prints of it
    teaching    what the page says of the theory
    guide       the lesson's ending as four phases, with its numbers
    fitbox      the box that each panel of the fit shows
    playback    the frames of the player: which step each shows, and its numbers
    curves      the axes of the loss row, and the records that a curve is drawn through
    beside      the loss curves of kept runs beside the three
    frames      the tables that fill the pictures
    marks       the rates that known rules name, each graded
    zones       the bands of rates that do alike
    ratemap     the tables of the map of learning rates
    landscape   likewise of the loss over weight and bias
    laboratory  likewise of the laboratory, and the expressions by which it follows a rate
    quartet     likewise of Anscombe's four sets side by side
    markup      those words as HTML
    formulas    the update of one step as formulas, with numbers in them
    onestep     one step with all its numbers
    stepwords   the same as HTML
    compare     runs side by side: what each came to, and its differences from a baseline
    charts      the pictures: Altair specifications
    export      the CSV files, and the source the page shows
    picture     the stage as SVG or PNG, for a slide
    report      all of it as one HTML file
    lessons     lesson links: a prompt, what to hide, what to open
    script      the runs as a Python script and as a notebook
    page        the page's address, sidebar and runs: all but `dashboard.py` that knows Streamlit
    __main__    the command line

The loss is the mean of the squared residuals, without a factor ½, as in the lesson and in Keras.
"""
