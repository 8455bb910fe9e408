"""The parts of bench/run.py: processes and targets, the measured rows, the table."""
