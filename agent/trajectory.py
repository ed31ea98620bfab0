"""The trajectory: a folder that is the whole truth of one episode.

    RUN/episode.json   goal, environment, model, dialect, sampling, versions, prompt hash; written before the first step
    RUN/steps.jsonl    one row a step, appended and flushed before the next step begins
    RUN/screens/       the screenshot of each row, PNG, written before the row that names it
    RUN/result.json    how it ended; written last, absent after a crash

The viewer, resume, replay and every score are computed from it. A crash at any instant loses at most the step in flight.
"""
