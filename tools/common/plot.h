/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plot.h - figures on a terminal.
 */
#ifndef TOOLS_PLOT_H
#define TOOLS_PLOT_H

#include <stdint.h>
#include <stdio.h>

#include "histogram.h"

/**
 * plot_bar() - a line with a bar
 * @file: where it goes
 * @label: before the bar
 * @value: length of the bar
 * @largest: value of the longest bar
 *
 * Anything above nothing is seen.
 */
void plot_bar(FILE *file, const char *label, double value, double largest);

/**
 * plot_histogram() - how many samples are in each of about twenty ranges
 * @file: where it goes
 * @h: samples, nanoseconds
 *
 * Ranges are printed in microseconds; they end at 1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8 and so on.
 */
void plot_histogram(FILE *file, const struct histogram *h);

#endif
